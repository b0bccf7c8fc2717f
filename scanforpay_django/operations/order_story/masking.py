"""Raw data for staff: what came as it came, without secrets and without who the payer is."""

import json
import re
from typing import Any
from urllib.parse import parse_qsl

from scanforpay_django.flows.mask_secrets import mask_by_shape

MASK = "●●●●"
MAX_LENGTH = 4000

#: names of values that open a door or say who the payer is, in the platforms' messages and in our rows
_HIDDEN = re.compile(
    r"open_?id|union_?id|user|buyer|payer|logon|received_account|phone|mobile|mail|card|"
    r"sign|cipher|nonce|associated|token|secret|passw|key|cert|auth|fingerprint|browser|prepay|request",
    re.IGNORECASE,
)


def mask_message(text: str) -> str:
    """A message, a line each value: JSON and forms by the names of their values, anything else by its look."""
    try:
        return show_values(json.loads(text))
    except ValueError:
        pass
    if "=" in text and not re.search(r"[\s<>]", text):
        return show_values(dict(parse_qsl(text, keep_blank_values=True)))
    return mask_by_shape(text[:MAX_LENGTH])


def show_values(value: Any) -> str:
    """Values as indented JSON, masked by name."""
    return json.dumps(_mask(value), ensure_ascii=False, indent=1, default=str)[:MAX_LENGTH]


def _mask(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: MASK if inner and _HIDDEN.search(str(name)) else _mask(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_mask(inner) for inner in value]
    return value
