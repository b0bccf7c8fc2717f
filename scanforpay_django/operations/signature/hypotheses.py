"""What might have been signed, how, and with what: each guess names the mistakes that it supposes. Pure."""

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

from scanforpay_django import signing
from scanforpay_django.operations.signature.findings import Finding, finding

#: (bytes, the mistake; None where there is none)
TextHypothesis = tuple[bytes, Finding | None]
KeyHypothesis = tuple[bytes, Finding | None]
Digest = tuple[Callable[[bytes, bytes], str], Finding | None]

_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)


def _escapes(text: str, case: Callable[[str], str]) -> str:
    """``text`` with the hex of its \\u escapes in upper or lower case."""
    return _ESCAPE.sub(
        lambda found: "\\u" + case(found[1][1:]) if len(found[1]) > 1 else found[0],
        text,
    )


def _dot_net(text: str) -> str:
    """As System.Text.Json writes: upper-case hex, and nothing that HTML might read."""
    quotes = _ESCAPE.sub(lambda found: "\\u0022" if found[1] == '"' else found[0], text)
    return _escapes(_html_safe(quotes, "<>&'+`"), str.upper)


def _html_safe(text: str, marks: str) -> str:
    for mark in marks:
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return text


COMPACT: dict[str, Any] = {"separators": (",", ":")}
PLAIN: dict[str, Any] = {**COMPACT, "ensure_ascii": False}
WRITTEN: tuple[tuple[str, dict[str, Any], Callable[[str], str]], ...] = (
    ("compact, \\u escapes", COMPACT, str),
    ("compact, UTF-8", PLAIN, str),
    ("with blanks, \\u escapes", {}, str),
    ("with blanks, UTF-8", {"ensure_ascii": False}, str),
    *(
        (f"indented{by}{ends}", {"indent": indent, "ensure_ascii": False}, write)
        for ends, write in (("", str), (", CR LF", lambda text: text.replace("\n", "\r\n")))
        for by, indent in (("", 2), (" by 4", 4), (" by tab", "\t"))
    ),
    ("compact, \\u escapes in upper case", COMPACT, lambda text: _escapes(text, str.upper)),
    (".NET's escapes", COMPACT, _dot_net),
    ("Go's escapes", PLAIN, lambda text: _html_safe(text, "<>&")),
    ("Gson's escapes", PLAIN, lambda text: _html_safe(text, "<>&='")),
)
#: these write a key otherwise too
WIDE = ("utf-16-le", "utf-16-be")
CHARSETS = ("gb18030", "big5", "utf-16-le", "utf-16-be", "utf-16", "latin-1")


def texts(message: signing.Message) -> Iterator[TextHypothesis]:
    """What might have been signed, the right text first."""
    raw = message.raw
    yield raw, None
    for other in (raw.replace(b"\\/", b"/"), raw.replace(b"\\/", b"/").replace(b"/", b"\\/")):
        if other != raw:
            yield other, finding("slashes")
    yield from _other_marks(raw)
    for between in (b"&key=", b"key=", b"&", b"&sign_key="):
        yield raw + between, finding("key_named")
    # At the text's end or at the key's begin: the bytes are the same.
    for end in (b"\n", b"\r\n", b" ", b"\t"):
        yield raw + end, finding("text_blank")
    yield from _other_parts(message)
    yield from _written_anew(message)
    yield from _other_charsets(raw)


def _other_marks(raw: bytes) -> Iterator[TextHypothesis]:
    """The same JSON, written by the same program on another machine."""
    text = raw.decode()
    for case in (str.lower, str.upper):
        if (other := _escapes(text, case)) != text:
            yield other.encode(), finding("escapes")
    lines = text.replace("\r\n", "\n")
    for ends in (lines, lines.replace("\n", "\r\n")):
        if ends != text:
            yield ends.encode(), finding("line_ends")


def _other_parts(message: signing.Message) -> Iterator[TextHypothesis]:
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


def _written_anew(message: signing.Message) -> Iterator[TextHypothesis]:
    value = json.loads(message.raw)
    orders = {"": value, ", sorted": _sorted(value), ", body first": dict(reversed(value.items()))}
    seen = {message.raw}
    for (how, options, write), (order, ordered) in product(WRITTEN, orders.items()):
        text = write(json.dumps(ordered, **options))
        for slashes in (text, text.replace("/", "\\/")):
            encoded = slashes.encode("utf-8", "replace")
            if encoded not in seen:
                seen.add(encoded)
                yield encoded, finding("reserialised", how=how + order)


def _sorted(value: Any) -> Any:
    return json.loads(json.dumps(value, sort_keys=True))


def _other_charsets(raw: bytes) -> Iterator[TextHypothesis]:
    text = raw.decode("utf-8", "replace")
    for charset in CHARSETS:
        try:
            encoded = text.encode(charset)
        except UnicodeEncodeError:
            continue
        if encoded != raw:
            yield encoded, finding("charset", charset=charset)


INVISIBLE = ("\0", "\ufeff", "\u200b", "\u00a0")


def taken(secret: str, sign_type: str) -> Iterator[KeyHypothesis]:
    """How the key might have been taken, as it is first."""
    yield secret.encode(), None
    blanks = ("\n", "\r\n", " ", "\t")
    for blank in blanks:
        yield (secret + blank).encode(), finding("key_blank")
    if sign_type == signing.HMAC_SHA256:
        # Elsewhere the bytes are those of a blank between text and key.
        for blank in blanks:
            yield (blank + secret).encode(), finding("key_blank")
    for mark in INVISIBLE:
        yield (secret + mark).encode(), finding("key_invisible")
        yield (mark + secret).encode(), finding("key_invisible")
    for mark in ('"', "'"):
        yield f"{mark}{secret}{mark}".encode(), finding("key_quoted")
    for changed in (secret.upper(), secret.lower()):
        if changed != secret:
            yield changed.encode(), finding("key_case")
    for charset in WIDE:
        yield secret.encode(charset), finding("charset", charset=charset)


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
