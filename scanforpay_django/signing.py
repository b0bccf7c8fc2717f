"""The wire's bytes: strict reading, canonical text, sign, verify. Pure.

A message is ``{"request": {...}, "signature": "<hex>"}`` (or ``"response"``). The signature is over the raw slice of
the value exactly as sent, followed by the sign key. What we write ourselves is what PHP's ``json_encode`` would
write, because published clients verify by decoding and encoding again, and holds neither of the bare words
``response`` and ``signature`` inside the value, because other published clients cut the raw text at these words.
"""

import base64
import hashlib
import hmac
import json
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_noop
from django.views.decorators.debug import sensitive_variables

from scanforpay_django.exceptions import rule

MAX_MESSAGE_BYTES = 64 * 1024
MAX_DEPTH = 16
MAX_EXPONENT = 400
TOO_DEEP = gettext_noop("objects are nested more than %(depth)s deep")
SHA256 = "SHA256"
HMAC_SHA256 = "HMAC-SHA256"

_HEX64 = re.compile(r"[0-9a-fA-F]{64}")
_SPACE = re.compile(r"[ \t\n\r]*")
# An unclosed string runs to the end: looking for its end again and again would be quadratic.
_STRUCTURE = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)


class NotAMessage(ValueError):
    """The bytes are not one JSON object of the wire's form. The text says what is wrong."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message as it was read; nothing of it is verified yet."""

    # the parsed value of "request" or "response"
    value: dict[str, Any]
    # the bytes of that value exactly as sent
    raw: bytes
    # whatever stood under "signature"; None when absent
    signature: object
    # all of it, as it came
    body: bytes = field(repr=False)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotAMessage(rule(gettext_noop("a name stands twice in one object")))
    return found


def _constant(name: str) -> Any:
    raise NotAMessage(rule(gettext_noop("%(word)s is not JSON"), word=name))


def _parse_integer(text: str) -> int:
    if len(text) > 64:
        raise NotAMessage(rule(gettext_noop("a number has more than 64 digits")))
    return int(text)


def _parse_decimal(text: str) -> Decimal:
    if len(text) > 64:
        raise NotAMessage(rule(gettext_noop("a number has more than 64 digits")))
    try:
        number = Decimal(text)
    except ArithmeticError as error:
        raise NotAMessage(rule(gettext_noop("a number is out of range"))) from error
    if number and abs(number.adjusted()) > MAX_EXPONENT:
        raise NotAMessage(rule(gettext_noop("a number is out of range")))
    return number


_decoder = json.JSONDecoder(
    object_pairs_hook=_unique, parse_constant=_constant, parse_int=_parse_integer, parse_float=_parse_decimal
)


_encoder = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), allow_nan=False)


def _check_depth(text: str) -> None:
    if text.count("{") + text.count("[") <= MAX_DEPTH:
        return
    depth = 0
    for token in _STRUCTURE.finditer(text):
        first = token[0][0]
        depth += (first in "{[") - (first in "}]")
        if depth > MAX_DEPTH:
            raise NotAMessage(rule(TOO_DEEP, depth=MAX_DEPTH))


def _skip_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _expect(text: str, at: int, char: str) -> int:
    at = _skip_space(text, at)
    if text[at : at + 1] != char:
        raise NotAMessage(rule(gettext_noop("expected %(char)s at character %(at)s"), char=char, at=at))
    return _skip_space(text, at + 1)


def members(text: str) -> dict[str, tuple[Any, str]]:
    """The top object's members: name -> (value, its text). The one parser finds the value and where it ends.

    Raises ValueError, RecursionError.
    """
    at = _expect(text, 0, "{")
    found: dict[str, tuple[Any, str]] = {}
    while text[at : at + 1] != "}":
        if found:
            at = _expect(text, at, ",")
        name, end = _decoder.raw_decode(text, at)
        if not isinstance(name, str):
            raise NotAMessage(rule(gettext_noop("expected a name at character %(at)s"), at=at))
        if name in found:
            raise NotAMessage(rule(gettext_noop("“%(name)s” stands twice"), name=name[:20]))
        start = _expect(text, end, ":")
        value, end = _decoder.raw_decode(text, start)
        found[name] = (value, text[start:end])
        at = _skip_space(text, end)
    if _skip_space(text, at + 1) != len(text):
        raise NotAMessage(rule(gettext_noop("something follows the object")))
    return found


def read_message(body: bytes, name: str) -> Message:
    """Read ``{name: {...}, "signature": ...}``. Raises NotAMessage; never RecursionError or UnicodeError."""
    try:
        # Some editors put a byte order mark before a script's output. It is no part of what is signed.
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotAMessage(rule(gettext_noop("it is not UTF-8"))) from error
    _check_depth(text)
    try:
        found = members(text)
    except NotAMessage:
        raise
    except ValueError as error:
        at = getattr(error, "pos", 0)
        raise NotAMessage(rule(gettext_noop("it is not JSON from character %(at)s on"), at=at)) from error
    except RecursionError as error:
        raise NotAMessage(rule(TOO_DEEP, depth=MAX_DEPTH)) from error
    value, raw = found.get(name, (None, ""))
    if not isinstance(value, dict):
        raise NotAMessage(rule(gettext_noop("“%(name)s” is missing or not an object"), name=name))
    signature = found.get("signature", (None, ""))[0]
    return Message(value=value, raw=raw.encode("utf-8"), signature=signature, body=body)


def encode(value: dict[str, Any]) -> bytes:
    """``value`` as PHP's json_encode writes it, without the two bare words that clients cut at.

    Keys must not hold these words; strings may. An empty object is refused: PHP would read it as a list.
    """
    text = _encoder.encode(value)
    if "{}" in text and _has_empty_object(value):
        raise ValueError("an empty object does not survive PHP")
    text = (
        text.replace("/", "\\/").replace("response", "\\u0072esponse").replace("signature", "\\u0073ignature")
    )
    return text.encode("ascii")


def _has_empty_object(value: object) -> bool:
    if isinstance(value, dict):
        return not value or any(_has_empty_object(inner) for inner in value.values())
    return isinstance(value, list) and any(_has_empty_object(inner) for inner in value)


@sensitive_variables()
def sign(raw: bytes, key: str, sign_type: str = SHA256) -> str:
    """The lower-case hex signature of the raw slice. Raises ValueError for an empty key or unknown type."""
    if not key:
        raise ValueError("an empty sign key signs nothing")
    if sign_type == SHA256:
        return hashlib.sha256(raw + key.encode("utf-8")).hexdigest()
    if sign_type == HMAC_SHA256:
        return hmac.new(key.encode("utf-8"), raw, hashlib.sha256).hexdigest()
    raise ValueError(f"unknown signType {sign_type!r}")


@sensitive_variables()
def verify(raw: bytes, signature: object, key: str, sign_type: str = SHA256) -> bool:
    """Whether ``signature`` (hex in either case) is right, in constant time. An empty key verifies nothing."""
    if not key or not isinstance(signature, str) or not _HEX64.fullmatch(signature):
        return False
    return hmac.compare_digest(sign(raw, key, sign_type).encode("ascii"), signature.lower().encode("ascii"))


def envelope(name: str, raw: bytes, signature: str) -> bytes:
    """The message's bytes: the value first, the signature last, no space, no trailing newline."""
    return b'{"' + name.encode("ascii") + b'":' + raw + b',"signature":"' + signature.encode("ascii") + b'"}'


@sensitive_variables()
def webhook_signature(message_id: str, timestamp: int, body: bytes, key: str) -> str:
    """The Standard Webhooks signature of a notification: HMAC-SHA256 of ``id.timestamp.body``, "v1," and base64.

    The secret is the sign key's bytes; libraries with a spelling of their own are given ``whsec_`` and its base64.
    Source: the Standard Webhooks specification.
    """
    if not key:
        raise ValueError("an empty sign key signs nothing")
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key.encode("utf-8"), signed, "sha256")).decode("ascii")


@sensitive_variables()
def notification_headers(message_id: str, timestamp: int, body: bytes, key: str) -> dict[str, str]:
    """The HTTP headers of a notification, those of Standard Webhooks among them. ``timestamp``: seconds since 1970."""
    return {
        "Content-Type": "application/json",
        "Webhook-Id": message_id,
        "Webhook-Timestamp": str(timestamp),
        "Webhook-Signature": webhook_signature(message_id, timestamp, body, key),
    }


@sensitive_variables()
def sign_notification(
    content: bytes, message_id: str, timestamp: int, key: str
) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a notification whose value of ``response`` is ``content``."""
    body = envelope("response", content, sign(content, key))
    return body, notification_headers(message_id, timestamp, body, key)
