"""Each mistake that integrators make is found."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from scanforpay_django.models import Partner
from scanforpay_django.operations.signature import diagnose
from tests.merchant import SIGN_KEY, Merchant
from tests.operations.signature.calls import compact, keys, mistakes, php, sent, sha, value

__all__ = ["keys"]
pytestmark = pytest.mark.django_db


def shouted(raw: bytes) -> bytes:
    """The hex of every escape in upper case."""
    return re.sub(rb"\\u[0-9a-f]{4}", lambda found: b"\\u" + found[0][2:].upper(), raw)


WRITTEN_TWICE: list[Callable[[Any], bytes]] = [
    lambda what: json.dumps(what).encode(),
    lambda what: json.dumps(what, ensure_ascii=False).encode(),
    lambda what: json.dumps(what, separators=(",", ":")).encode(),
    lambda what: json.dumps(what, indent=2, ensure_ascii=False).encode(),
    lambda what: json.dumps(what, separators=(",", ":"), sort_keys=True).encode(),
    lambda what: php(json.dumps(what, separators=(",", ":")).encode()),
    lambda what: compact({"body": what["body"], "header": what["header"]}),
    lambda what: json.dumps(what, indent="\t", ensure_ascii=False).encode(),
    lambda what: json.dumps(what, indent=2, ensure_ascii=False).replace("\n", "\r\n").encode(),
    lambda what: shouted(json.dumps(what, separators=(",", ":")).encode()),
    # .NET, Go and Gson, with their usual settings
    lambda what: (
        shouted(json.dumps(what, separators=(",", ":")).encode())
        .replace(b"&", b"\\u0026")
        .replace(b"+", b"\\u002B")
        .replace(b'\\"', b"\\u0022")
    ),
    lambda what: compact(what).replace(b"&", b"\\u0026"),
    lambda what: compact(what).replace(b"=", b"\\u003d").replace(b"&", b"\\u0026"),
]


@pytest.mark.parametrize("signed", WRITTEN_TWICE)
def test_json_that_was_written_twice(keys: Merchant, signed: Callable[[Any], bytes]) -> None:
    what = value()
    assert mistakes(compact(what), sha(signed(what), SIGN_KEY)) == ["reserialised"]


def test_slashes_escaped_on_one_side_only(keys: Merchant) -> None:
    raw = compact(value())
    assert mistakes(raw, sha(php(raw), SIGN_KEY)) == ["slashes"]
    assert mistakes(php(raw), sha(raw, SIGN_KEY)) == ["slashes"]


@pytest.mark.parametrize("blank", ["\n", "\r\n", " ", "\t"])
def test_a_key_with_a_blank_or_line_break(keys: Merchant, blank: str) -> None:
    raw = compact(value())
    assert mistakes(raw, sha(raw, SIGN_KEY + blank)) == ["key_blank"]
    assert mistakes(raw, sha(raw, blank + SIGN_KEY)) == ["text_blank"]


def test_escapes_in_the_other_case(keys: Merchant) -> None:
    written = json.dumps(value(), indent=1).encode()
    # A backslash and u00e9 are no escape: neither program touches them.
    lower, upper = (b'{"note": "\\\\u00e9",' + text[1:] for text in (written, shouted(written)))
    assert mistakes(lower, sha(upper, SIGN_KEY)) == ["escapes"]
    assert mistakes(upper, sha(lower, SIGN_KEY)) == ["escapes"]


def test_line_ends_that_changed_on_the_way(keys: Merchant) -> None:
    raw = json.dumps(value(), indent=3).encode()
    crlf = raw.replace(b"\n", b"\r\n")
    assert mistakes(raw, sha(crlf, SIGN_KEY)) == ["line_ends"]
    assert mistakes(crlf, sha(raw, SIGN_KEY)) == ["line_ends"]


@pytest.mark.parametrize("mark", ["\0", "\ufeff"])
def test_a_key_with_what_nobody_sees(keys: Merchant, mark: str) -> None:
    raw = compact(value())
    assert mistakes(raw, sha(raw, SIGN_KEY + mark)) == ["key_invisible"]
    assert mistakes(raw, sha(raw, mark + SIGN_KEY)) == ["key_invisible"]


@pytest.mark.parametrize("between", [b"&key=", b"key="])
def test_a_key_that_is_named(keys: Merchant, between: bytes) -> None:
    raw = compact(value())
    assert mistakes(raw, sha(raw + between, SIGN_KEY)) == ["key_named"]
    assert mistakes(raw, hashlib.md5(raw + between + SIGN_KEY.encode()).hexdigest()) == ["md5", "key_named"]


def test_wrong_digests(keys: Merchant) -> None:
    raw, key = compact(value()), SIGN_KEY.encode()
    assert mistakes(raw, hmac.new(key, raw, hashlib.sha256).hexdigest()) == ["hmac"]
    assert mistakes(raw, hashlib.sha256(key + raw).hexdigest()) == ["key_first"]
    assert mistakes(raw, hashlib.sha256(raw).hexdigest()) == ["key_left_out"]
    assert mistakes(raw, hashlib.md5(raw + key).hexdigest()) == ["md5"]
    assert mistakes(raw, hashlib.sha1(raw + key).hexdigest()) == ["sha1"]
    assert mistakes(raw, hashlib.sha512(raw + key).hexdigest()) == ["sha512"]


def test_sign_types(keys: Merchant) -> None:
    raw = compact(value(signType="HMAC-SHA256"))
    keyed = hmac.new(SIGN_KEY.encode(), raw, hashlib.sha256).hexdigest()
    assert mistakes(raw, keyed) == ["hmac_not_allowed"]
    assert mistakes(raw, sha(raw, SIGN_KEY)) == ["plain"]
    Partner.objects.update(allow_hmac=True)
    assert mistakes(raw, keyed) == ["right"]
    for key in (" " + SIGN_KEY, SIGN_KEY + "\n"):
        blank = hmac.new(key.encode(), raw, hashlib.sha256).hexdigest()
        assert mistakes(raw, blank) == ["key_blank"]
    other = compact(value(signType="sha-256"))
    assert mistakes(other, sha(other, SIGN_KEY)) == ["sign_type"]


def test_the_wrong_part(keys: Merchant) -> None:
    what = value()
    raw = compact(what)
    without = b'{"request":' + raw + b"}"
    for part in (without, b'"request":' + raw, compact(what["body"]), compact(what["header"]), sent(raw, "")):
        assert mistakes(raw, sha(part, SIGN_KEY)) == ["wrong_part"]
    assert mistakes(raw, sha(raw + b"\n", SIGN_KEY)) == ["text_blank"]


def test_charsets(keys: Merchant) -> None:
    raw = compact(value())
    for charset in ("gb18030", "utf-16-le"):
        assert mistakes(raw, sha(raw.decode().encode(charset), SIGN_KEY)) == ["charset"]
    whole = raw.decode() + SIGN_KEY
    assert mistakes(raw, hashlib.sha256(whole.encode("utf-16-le")).hexdigest()) == ["charset"]
    whole = sent(raw, sha(raw, SIGN_KEY))
    assert [one.code for one in diagnose(b"\xef\xbb\xbf" + whole).findings] == ["right"]
    for text in (whole.decode().encode("gb18030"), whole.decode().encode("utf-16")):
        assert [one.code for one in diagnose(text).findings] == ["charset"]


def test_how_the_signature_is_written(keys: Merchant) -> None:
    raw = compact(value())
    digest = hashlib.sha256(raw + SIGN_KEY.encode()).digest()
    for written in (base64.b64encode(digest), base64.urlsafe_b64encode(digest).rstrip(b"=")):
        assert mistakes(raw, written.decode()) == ["base64"]
    assert mistakes(raw, base64.b64encode(digest.hex().encode()).decode()) == ["base64"]
    assert mistakes(raw, "0x" + digest.hex()) == ["hex_form"]
    assert mistakes(raw, digest.hex("-").upper()) == ["hex_form", "upper_case"]
    assert mistakes(raw, digest.hex(":")) == ["hex_form"]
    assert mistakes(raw, "0x" + sha(php(raw), SIGN_KEY)) == ["hex_form", "slashes"]
    assert mistakes(raw, digest.hex() + "\n") == ["blanks"]
