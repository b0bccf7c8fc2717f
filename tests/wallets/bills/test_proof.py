"""Hashes of what was unpacked, and of what came."""

import gzip
import hashlib
import io

import pytest

from scanforpay_django.exceptions import PlatformError
from scanforpay_django.wallets.bills.proof import sha1_packed, sha1_unpacked, sha256_packed

pytestmark = pytest.mark.sqlite


def test_the_platforms_hash_is_over_the_unpacked_file() -> None:
    raw = b"a,b\n" * 100_000
    for packed in (raw, gzip.compress(raw)):
        assert sha1_unpacked(io.BytesIO(packed)) == hashlib.sha1(raw).hexdigest()
        assert sha1_packed(io.BytesIO(packed)) == hashlib.sha1(packed).hexdigest()
        assert sha256_packed(io.BytesIO(packed)) == hashlib.sha256(packed).hexdigest()


def test_a_torn_file_has_none() -> None:
    with pytest.raises(PlatformError):
        sha1_unpacked(io.BytesIO(gzip.compress(b"a" * 1000)[:-3]))
