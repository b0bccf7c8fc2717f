"""The way from a wallet to its platform: transport's errors in the platforms' terms."""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from scanforpay_django.exceptions import (
    NoAnswer,
    PlatformError,
    PlatformTimeout,
    PlatformUnreachable,
    TransportError,
)
from scanforpay_django.transport import HttpAnswer, HttpClient


def origin(url: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


class PlatformClient:
    """Calls to addresses that come from settings; they may lie on this machine."""

    def __init__(self, hosts: Iterable[str]) -> None:
        self._http = HttpClient(trusted_origins={origin(url) for url in hosts})

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
