"""Calling a platform: one request, one whole answer within limits, or an error that says what is known."""

import io
import logging
import os
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from http.cookiejar import DefaultCookiePolicy
from typing import IO

import requests
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import HTTPError

from scanforpay_django import __version__
from scanforpay_django.exceptions import AddressForbidden, AnswerTooLarge, ConnectFailed, NoAnswer
from scanforpay_django.transport.addresses import allow_list, plain_origin
from scanforpay_django.transport.dial import DialedCall, GuardedAdapter
from scanforpay_django.transport.urls import Target, UrlRefused, split_url

logger = logging.getLogger(__name__)

_CHUNK = 1 << 16
_HEADERS = {
    "Accept": "*/*",
    "Accept-Encoding": "identity",
    "User-Agent": f"scanforpay_django/{__version__}",
}


@dataclass(frozen=True, kw_only=True)
class HttpAnswer:
    """An answer that was received whole, within the limits of time and size."""

    status: int
    # looked up without regard to case
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


def _new_session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers.clear()
    adapter = GuardedAdapter(pool_connections=16, pool_maxsize=32, max_retries=0)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


def _innermost(error: BaseException) -> str:
    """What the system said, without the address that the libraries add to it."""
    while error.__context__ is not None:
        error = error.__context__
    is_plain = isinstance(error, OSError) and not isinstance(error, requests.RequestException)
    return str(error) if is_plain else type(error).__name__


class HttpClient:
    """The way out to platforms; safe to share between threads, and across a fork.

    ``trusted_origins`` (scheme://host[:port]) come from settings and are excepted from the address guard.
    Durations are seconds: ``total_seconds`` bounds one request from look-up to last byte. ``max_bytes``
    bounds an answer's body, ``max_held_bytes`` one that is held in memory.
    ``ca_file`` names a PEM file that replaces the usual certificate authorities.
    """

    def __init__(
        self,
        *,
        trusted_origins: Iterable[str] = (),
        connect_timeout: float = 3.05,
        read_timeout: float = 10.0,
        total_seconds: float = 20.0,
        max_bytes: int = 1 << 20,
        max_held_bytes: int = 256 << 20,
        ca_file: str = "",
    ) -> None:
        self._trusted = frozenset(plain_origin(origin) for origin in trusted_origins)
        self._timeouts = (connect_timeout, read_timeout)
        self._total_seconds = total_seconds
        self._max_bytes = max_bytes
        self._max_held_bytes = max_held_bytes
        self._verify: bool | str = ca_file or True
        self._session = _new_session()
        self._pid = os.getpid()
        self._lock = threading.Lock()

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        into: IO[bytes] | None = None,
    ) -> HttpAnswer:
        """Send one request, once. No redirect is followed, no cookie kept, no encoding undone. The body of an answer of
        status 200 is written to ``into`` where it is given, and is then not held in memory.

        Raises AddressForbidden or ConnectFailed (nothing was sent), NoAnswer or its AnswerTooLarge (the
        outcome is unknown). Any status is an answer.
        """
        target = self._read(url)
        begun = time.monotonic()
        outcome = "no answer"
        try:
            answer = self._send(method, target, headers or {}, body, into)
            outcome = str(answer.status)
        finally:
            # Neither query nor headers nor body: they carry secrets.
            path = target.path_and_query.partition("?")[0]
            took_ms = (time.monotonic() - begun) * 1000
            logger.debug("%s %s%s: %s after %.0f ms", method, target.origin, path, outcome, took_ms)
        return answer

    def _read(self, url: str) -> Target:
        try:
            return split_url(url)
        except UrlRefused as error:
            raise AddressForbidden(f"The address is refused: {error}.") from error

    def _send(
        self,
        method: str,
        target: Target,
        headers: Mapping[str, str],
        body: bytes | None,
        into: IO[bytes] | None,
    ) -> HttpAnswer:
        trusted = target.origin in self._trusted or allow_list().lifts(target.origin)
        with DialedCall(origin=target.origin, trusted=trusted, total_seconds=self._total_seconds) as call:
            try:
                answer = self._exchange(method, target, headers, body, into)
            except (requests.RequestException, HTTPError, HTTPException, OSError) as error:
                # The error names the whole address, and its query may hold a secret.
                kind = NoAnswer if call.is_sent else ConnectFailed
                raise kind(f"{kind.__doc__} ({_innermost(error)})") from None
            # What a cut connection left looks like a whole answer.
            if call.is_cut:
                raise NoAnswer
        return answer

    def _exchange(
        self,
        method: str,
        target: Target,
        headers: Mapping[str, str],
        body: bytes | None,
        into: IO[bytes] | None,
    ) -> HttpAnswer:
        session = self._session_of_process()
        request = requests.Request(method, target.url, headers={**_HEADERS, **headers}, data=body)
        prepared = session.prepare_request(request)
        # Exactly as it was given: a signature may cover the path and the query.
        prepared.url = target.url
        with session.send(
            prepared, timeout=self._timeouts, allow_redirects=False, stream=True, verify=self._verify
        ) as response:
            return HttpAnswer(
                status=response.status_code,
                headers=CaseInsensitiveDict(response.headers),
                body=self._read_body(response, into if response.status_code == 200 else None),
            )

    def _read_body(self, response: requests.Response, into: IO[bytes] | None) -> bytes:
        held = io.BytesIO()
        # An error is held in memory, however large the files are that may be fetched.
        max_bytes = self._max_bytes if into else min(self._max_bytes, self._max_held_bytes)
        size = 0
        while part := response.raw.read(_CHUNK, decode_content=False):
            size += len(part)
            if size > max_bytes:
                raise AnswerTooLarge
            (into or held).write(part)
        return held.getvalue()

    def _session_of_process(self) -> requests.Session:
        """The session; a new one after a fork, for two processes may not share a connection."""
        with self._lock:
            if self._pid != os.getpid():
                self._session = _new_session()
                self._pid = os.getpid()
            return self._session
