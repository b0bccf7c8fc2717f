"""Reading a merchant's answer: is it an acknowledgement, and what of it is kept. Pure."""

import re

from scanforpay_django.transport import Outcome
from scanforpay_django.transport.sender import OUR_SIDE, TOO_LARGE

MAX_KEPT = 2048
GONE = 410

_BLANK = "\ufeff \t\r\n\v\f\0"
_LINE = re.compile(r"\r\n|\r|\n")
# An endpoint may echo the signature, and a signed value is a secret.
_SIGNATURE = re.compile(r"[0-9A-Fa-f]{64,}")
# Webhook-Signature's too: 32 bytes as base64, as it came or as JSON, HTML and forms write its signs.
_DIGIT = r"(?:[0-9A-Za-z+/]|\\/|\\u002[BbFf]|%2[BbFf]|&#(?:43|47|x2[BbFf]);)"
_PADDING = r"(?:=|\\u003[Dd]|%3[Dd]|&#(?:61|x3[Dd]);)"
_WEBHOOK_SIGNATURE = re.compile(rf"{_DIGIT}{{43}}{_PADDING}|(?<=v1,){_DIGIT}{{43}}")


def _decode(body: bytes) -> str:
    return body.decode("utf-8", "replace")


def is_acknowledged(outcome: Outcome, *, any_2xx: bool) -> bool:
    """Whether the merchant took the message: 2xx, and "success" as the text or as its last line.

    Blanks, a byte-order mark and case do not matter; PHP prints its warnings before. ``any_2xx`` (a store's
    flag) asks for no text.
    """
    if outcome.status is None or not 200 <= outcome.status < 300:
        return False
    if any_2xx:
        return outcome.reason in {"", TOO_LARGE}
    last = _LINE.split(_decode(outcome.body).strip(_BLANK))[-1].strip(_BLANK)
    return not outcome.reason and last.lower() == "success"


def failure_reason(outcome: Outcome) -> str:
    """Why an answer is no acknowledgement, in words."""
    if outcome.reason:
        return outcome.reason
    if outcome.status is not None and 200 <= outcome.status < 300:
        return "the answer is not “success”"
    return f"HTTP status {outcome.status}"


def is_endpoints_own(outcome: Outcome) -> bool:
    """Whether a failure says that the endpoint is out of order: no connection, no answer in time, or 5xx."""
    if outcome.status is not None:
        return outcome.status >= 500
    return not outcome.reason.startswith(("address ", OUR_SIDE))


def kept_answer(outcome: Outcome) -> str:
    """What is recorded of an answer: its body, or the first bytes of what came where that was no whole answer."""
    return kept_text(outcome.body if outcome.status is not None else _escaped(outcome.received))


def _escaped(received: bytes) -> bytes:
    """Text in which nothing is invisible: a head's lines, and ``\\x00`` or ``\\ufeff`` for what cannot be printed."""
    text = received.decode("utf-8", "backslashreplace").replace("\r\n", "\n")
    return "".join(
        char if char.isprintable() or char == "\n" else char.encode("unicode_escape").decode()
        for char in text
    ).encode()


def kept_text(body: bytes) -> str:
    """Clean text of at most 2048 characters without signatures."""
    text = _decode(body).replace("\0", "\ufffd")
    text = _SIGNATURE.sub("[64 hex digits]", text)
    return _WEBHOOK_SIGNATURE.sub("[44 base64 digits]", text)[:MAX_KEPT]
