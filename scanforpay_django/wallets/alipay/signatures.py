"""Alipay's OpenAPI v2: the texts that are signed."""

import json
from collections.abc import Mapping


def alipay_request_text(params: Mapping[str, str]) -> bytes:
    """What a request signs: all non-empty parameters but ``sign``, sorted, raw values, ``k=v`` joined by &."""
    return "&".join(f"{k}={params[k]}" for k in sorted(params) if k != "sign" and params[k] != "").encode()


def notification_text(params: Mapping[str, str]) -> bytes:
    """What a notification signs: every received field but ``sign`` and ``sign_type``, blank ones too."""
    return "&".join(f"{k}={params[k]}" for k in sorted(params) if k not in ("sign", "sign_type")).encode()


def answer_slice(text: str, name: str) -> str:
    """The raw text of the object under ``name`` in an answer: signatures are over it as it stands.

    Found by the JSON parser, so that braces inside strings do not matter. Raises ValueError.
    """
    decoder = json.JSONDecoder()
    at = text.index("{") + 1
    while True:
        at = _skip_blanks(text, at)
        key, at = decoder.raw_decode(text, at)
        at = _skip_blanks(text, at)
        if text[at : at + 1] != ":":
            raise ValueError("not a JSON object")
        start = _skip_blanks(text, at + 1)
        _, at = decoder.raw_decode(text, start)
        if key == name:
            return text[start:at]
        at = _skip_blanks(text, at)
        if text[at : at + 1] != ",":
            raise ValueError(f"{name} is missing")
        at += 1


def _skip_blanks(text: str, at: int) -> int:
    while text[at : at + 1] in (" ", "\t", "\r", "\n"):
        at += 1
    return at
