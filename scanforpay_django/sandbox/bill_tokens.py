"""The end of a bill's address: what was asked for, signed, and until when it can be fetched by the sandbox's clock."""

from collections.abc import Mapping
from typing import Any

from django.core import signing

from scanforpay_django import clock

BadToken = signing.BadSignature


def issue(salt: str, wanted: Mapping[str, Any], seconds: int) -> str:
    """A token for ``wanted``, JSON-serialisable, that lives so many seconds."""
    ends_at = int(clock.now().timestamp()) + seconds
    return signing.Signer(salt=salt).sign_object({**wanted, "ends_at": ends_at})


def read(salt: str, token: str) -> dict[str, Any]:
    """What it was issued for. Raises BadToken for one that is not ours, or too old."""
    wanted: dict[str, Any] = signing.Signer(salt=salt).unsign_object(token)
    if wanted.pop("ends_at") < clock.now().timestamp():
        raise BadToken("too old")
    return wanted
