"""The way from a wallet to its platform: transport's errors in the platforms' terms."""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from typing import IO, Any, TypeVar
from urllib.parse import urlsplit

from django.views.decorators.debug import sensitive_variables

from scanforpay_django.exceptions import (
    NoAnswer,
    PlatformError,
    PlatformTimeout,
    PlatformUnreachable,
    TransportError,
)
from scanforpay_django.spans import begin_span
from scanforpay_django.transport import HttpAnswer, HttpClient
from scanforpay_django.wallets.platform_calls import PlatformCall, report_call

_Key = TypeVar("_Key")
_Text = TypeVar("_Text", str, bytes)

# A day of a large merchant, packed; at 50 KB a second its download takes longer than an answer may.
MAX_BILL_BYTES = 512 << 20
BILL_SECONDS = 600


def origin(url: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


class PlatformClient:
    """Calls to addresses that come from settings; they may lie on this machine. Each is counted as ``wallet``'s."""

    def __init__(self, hosts: Iterable[str], *, wallet: str = "", max_bytes: int = 1 << 20) -> None:
        self._wallet = wallet
        self._http = HttpClient(trusted_origins={origin(url) for url in hosts}, max_bytes=max_bytes)

    @sensitive_variables()
    def call(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> HttpAnswer:
        """One HTTP call. Raises PlatformUnreachable (nothing was sent) or PlatformTimeout (outcome unknown)."""
        with begin_span("platform_call", wallet=self._wallet, kind=method, host=urlsplit(url).netloc) as span:
            answer = self._call(method, url, headers, body)
            span.set(outcome=_read_failure(answer.status) or "answered", status=answer.status)
            return answer

    @sensitive_variables()
    def _call(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> HttpAnswer:
        begun, failure = time.monotonic_ns(), ""
        try:
            answer = self._http.request(method, url, headers=headers, body=body)
            failure = _read_failure(answer.status)
            return answer
        except NoAnswer as error:
            failure = str(error)
            raise PlatformTimeout(failure) from error
        except TransportError as error:
            failure = str(error)
            raise PlatformUnreachable(failure) from error
        finally:
            self._report(url, (time.monotonic_ns() - begun) // 1_000_000, failure)

    def report_error(self, url: str, code: str) -> None:
        """The last call was answered well by HTTP, and its content says that the platform itself has failed."""
        self._report(url, None, code)

    def _report(self, url: str, milliseconds: int | None, failure: str) -> None:
        call = PlatformCall(
            wallet=self._wallet, host=urlsplit(url).netloc, milliseconds=milliseconds, error=failure
        )
        report_call(call)


def _read_failure(status: int) -> str:
    return f"HTTP {status}" if status == 429 or status >= 500 else ""


class FileClient(PlatformClient):
    """Downloads of bills: with a time limit of their own, and straight into a file."""

    def __init__(self, hosts: Iterable[str]) -> None:
        self._http = HttpClient(
            trusted_origins={origin(url) for url in hosts},
            total_seconds=BILL_SECONDS,
            max_bytes=MAX_BILL_BYTES,
            max_held_bytes=1 << 20,
        )

    @sensitive_variables()
    def download(self, url: str, headers: Mapping[str, str], into: IO[bytes]) -> HttpAnswer:
        """GET; a body of status 200 is in ``into``. Raises PlatformUnreachable or PlatformTimeout."""
        into.seek(0)
        into.truncate()
        with begin_span("platform_call", kind="GET", host=urlsplit(url).netloc) as span:
            answer = self._download(url, headers, into)
            span.set(outcome=_read_failure(answer.status) or "answered", status=answer.status)
            return answer

    @sensitive_variables()
    def _download(self, url: str, headers: Mapping[str, str], into: IO[bytes]) -> HttpAnswer:
        try:
            return self._http.request("GET", url, headers=headers, into=into)
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
