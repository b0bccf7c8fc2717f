"""What might have been signed, how, and with what: each guess names the mistakes that it supposes. Pure."""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

from scanforpay_django import signing
from scanforpay_django.operations.signature.findings import Finding, finding

#: (bytes, the mistake; None where there is none)
Text = tuple[bytes, Finding | None]
Key = tuple[str, Finding | None]
Digest = tuple[Callable[[bytes, bytes], str], Finding | None]

WRITTEN: tuple[tuple[str, dict[str, Any]], ...] = (
    ("compact, \\u escapes", {"separators": (",", ":")}),
    ("compact, UTF-8", {"separators": (",", ":"), "ensure_ascii": False}),
    ("with blanks, \\u escapes", {}),
    ("with blanks, UTF-8", {"ensure_ascii": False}),
    ("indented", {"indent": 2, "ensure_ascii": False}),
    ("indented by 4", {"indent": 4, "ensure_ascii": False}),
)
CHARSETS = ("gb18030", "big5", "utf-16-le", "utf-16-be", "utf-16", "latin-1")


def texts(message: signing.Message) -> Iterator[Text]:
    """What might have been signed, the right text first."""
    raw = message.raw
    yield raw, None
    for other in (raw.replace(b"\\/", b"/"), raw.replace(b"\\/", b"/").replace(b"/", b"\\/")):
        if other != raw:
            yield other, finding("slashes")
    # At the text's end or at the key's begin: the bytes are the same.
    for end in (b"\n", b"\r\n", b" ", b"\t"):
        yield raw + end, finding("text_blank")
    yield from _other_parts(message)
    yield from _written_anew(message)
    yield from _other_charsets(raw)


def _other_parts(message: signing.Message) -> Iterator[Text]:
    raw, body = message.raw, message.body
    parts = {"the whole body": body, '{"request": ...}': b'{"request":' + raw + b"}"}
    parts['"request": ...'] = b'"request":' + raw
    for name, (_value, text) in signing.members(raw.decode()).items():
        parts[f"only “{name}”"] = text.encode()
    signature = str(message.signature).encode()
    parts["the whole body, its signature empty"] = body.replace(b'"' + signature + b'"', b'""')
    parts["the whole body without its signature"] = _without_signature(body)
    for part, signed in parts.items():
        if signed and signed != raw:
            yield signed, finding("wrong_part", part=part)


def _without_signature(body: bytes) -> bytes:
    """As a client sees it that adds the signature at the end."""
    at = body.rfind(b'"signature"')
    head = body[:at].rstrip().removesuffix(b",")
    return head + b"}" if at > 0 else b""


def _written_anew(message: signing.Message) -> Iterator[Text]:
    value = json.loads(message.raw)
    orders = {"": value, ", sorted": _sorted(value), ", body first": dict(reversed(value.items()))}
    for (how, options), (order, ordered) in product(WRITTEN, orders.items()):
        text = json.dumps(ordered, **options)
        for slashes in (text, text.replace("/", "\\/")):
            encoded = slashes.encode("utf-8", "replace")
            if encoded != message.raw:
                yield encoded, finding("reserialised", how=how + order)


def _sorted(value: Any) -> Any:
    return json.loads(json.dumps(value, sort_keys=True))


def _other_charsets(raw: bytes) -> Iterator[Text]:
    text = raw.decode("utf-8", "replace")
    for charset in CHARSETS:
        try:
            encoded = text.encode(charset)
        except UnicodeEncodeError:
            continue
        if encoded != raw:
            yield encoded, finding("charset", charset=charset)


def keys(secret: str) -> Iterator[Key]:
    """How the key might have been taken, as it is first."""
    yield secret, None
    for blank in ("\n", "\r\n", " ", "\t"):
        yield secret + blank, finding("key_blank")
    for mark in ('"', "'"):
        yield f"{mark}{secret}{mark}", finding("key_quoted")
    for changed in (secret.upper(), secret.lower()):
        if changed != secret:
            yield changed, finding("key_case")


def digests(sign_type: str) -> Iterator[Digest]:
    """How it might have been hashed, the right way for ``sign_type`` first."""
    plain: Digest = (lambda text, key: hashlib.sha256(text + key).hexdigest(), finding("plain"))
    keyed: Digest = (lambda text, key: hmac.new(key, text, hashlib.sha256).hexdigest(), finding("hmac"))
    right, other = (keyed, plain) if sign_type == signing.HMAC_SHA256 else (plain, keyed)
    yield right[0], None
    yield other
    yield lambda text, key: hashlib.sha256(key + text).hexdigest(), finding("key_first")
    yield lambda text, _key: hashlib.sha256(text).hexdigest(), finding("key_left_out")
    yield lambda text, key: hmac.new(key, text + key, hashlib.sha256).hexdigest(), finding("hmac")
    yield lambda text, key: hashlib.md5(text + key, usedforsecurity=False).hexdigest(), finding("md5")
    yield lambda text, key: hashlib.sha1(text + key, usedforsecurity=False).hexdigest(), finding("sha1")
    yield lambda text, key: hashlib.sha512(text + key).hexdigest(), finding("sha512")
