"""The hash that a platform gives with a bill, over the file before it was packed."""

import hashlib
from typing import IO, Any

from scanforpay_django.exceptions import BillRefused, PlatformError
from scanforpay_django.wallets.bills.unpack import open_parts

_CHUNK = 1 << 18


def sha1_unpacked(packed: IO[bytes]) -> str:
    """Of a bill of one file. Raises PlatformError for one that cannot be unpacked."""
    digest = hashlib.sha1(usedforsecurity=False)
    try:
        for part in open_parts(packed):
            while block := part.file.read(_CHUNK):
                digest.update(block)
    except BillRefused as error:
        raise PlatformError("the bill cannot be unpacked") from error
    return digest.hexdigest()


def sha1_packed(packed: IO[bytes]) -> str:
    """Of the bytes as they came."""
    return _digest(packed, hashlib.sha1(usedforsecurity=False))


def sha256_packed(packed: IO[bytes]) -> str:
    """Ours, by which a bill that was fetched twice is known."""
    return _digest(packed, hashlib.sha256())


def _digest(file: IO[bytes], digest: Any) -> str:
    file.seek(0)
    while block := file.read(_CHUNK):
        digest.update(block)
    return str(digest.hexdigest())
