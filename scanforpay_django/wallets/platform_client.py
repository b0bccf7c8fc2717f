"""The way from a wallet to its platform: transport's errors in the platforms' terms."""

import json
import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.views.decorators.debug import sensitive_variables

from scanforpay_django.exceptions import (
    NoAnswer,
    PlatformError,
    PlatformTimeout,
    PlatformUnreachable,
    TransportError,
)
from scanforpay_django.transport import HttpAnswer, HttpClient

_Key = TypeVar("_Key")
_Text = TypeVar("_Text", str, bytes)

# A day of a large merchant.
MAX_BILL_BYTES = 256 << 20


def origin(url: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


class PlatformClient:
    """Calls to addresses that come from settings; they may lie on this machine."""

    def __init__(self, hosts: Iterable[str], *, max_bytes: int = 1 << 20) -> None:
        self._http = HttpClient(trusted_origins={origin(url) for url in hosts}, max_bytes=max_bytes)

    @sensitive_variables()
    def call(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> HttpAnswer:
        """One HTTP call. Raises PlatformUnreachable (nothing was sent) or PlatformTimeout (outcome unknown)."""
        try:
            return self._http.request(method, url, headers=headers, body=body)
        except NoAnswer as error:
            raise PlatformTimeout(str(error)) from error
        except TransportError as error:
            raise PlatformUnreachable(str(error)) from error


def parse_object(body: bytes) -> dict[str, Any]:
    """The JSON object in an answer. Raises PlatformError."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise PlatformError("the platform's answer is not JSON") from error
    if not isinstance(found, dict):
        raise PlatformError("the platform's answer is not a JSON object")
    return found


@sensitive_variables()
def read_key(load: Callable[[_Text], _Key], text: _Text) -> _Key:
    """A key of an account. Raises PlatformError for one that is missing or does not read."""
    try:
        return load(text)
    except (ValueError, TypeError) as error:
        raise PlatformError("a key of the wallet account is missing or does not read") from error


def gunzip(packed: bytes) -> bytes:
    """A bill unpacked, or as it is where it is not packed. Raises PlatformError for a bomb or a torn file."""
    if not packed.startswith(b"\x1f\x8b"):
        return packed
    unpacker = zlib.decompressobj(wbits=31)
    try:
        plain = unpacker.decompress(packed, MAX_BILL_BYTES)
    except zlib.error as error:
        raise PlatformError("the bill cannot be unpacked") from error
    if not unpacker.eof:
        raise PlatformError("the bill is torn or too large")
    return plain
