"""Faults of answers: slow, cut, refused without reason, spoiled.

How a connection is cut: a WSGI application has no hold of its socket, but the servers this runs under leave a
way to it. gunicorn hands it over as ``gunicorn.socket``; under runserver and Django's live server it lies below
``wsgi.input``. It is shut down, the client sees "remote end closed connection without response", and what the
view then returns goes nowhere. Elsewhere (Django's test client, other servers) the answer is a body that
breaks off: it raises ConnectionAbortedError while it is read, at which servers drop the connection.
"""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from . import faults
from .models import Merchant, SandboxFault, Trade

ANSWERS = [name for name, kind in faults.FAULTS.items() if kind.stage == "answer"]


@dataclass(frozen=True, kw_only=True)
class Call:
    """An API call whose signature is verified."""

    request: HttpRequest
    # one of faults.OPERATIONS
    operation: str
    merchant: Merchant
    # what it is about: the trade and its customer's phone, where these are known
    about: Callable[[], tuple[Trade | None, str]]


@dataclass(frozen=True, kw_only=True)
class Words:
    """How a platform refuses without reason and what its bad signatures look like."""

    http_500: Callable[[], HttpResponse]
    http_429: Callable[[], HttpResponse]
    # the same answer, its signature no longer right
    spoiled: Callable[[HttpResponse], HttpResponse]


def answer(call: Call, act: Callable[[], HttpResponse], words: Words) -> HttpResponseBase:
    """What ``act`` answers, or what a fault makes of it."""
    fault = _taken(call) if faults.any_armed(ANSWERS) else None
    if fault is None:
        return act()
    instead = {
        "cut-connection": lambda: cut(call.request),
        "http-500": words.http_500,
        "http-429": words.http_429,
    }
    if fault.name in instead:
        return instead[fault.name]()
    return _after(fault, call.request, act(), words)


def _taken(call: Call) -> SandboxFault | None:
    trade, user = call.about()
    return faults.take(
        ANSWERS, merchant=call.merchant, trade=trade, phone_user=user, operation=call.operation
    )


def _after(fault: SandboxFault, request: HttpRequest, done: HttpResponse, words: Words) -> HttpResponseBase:
    if fault.name == "answer-bad-signature":
        return words.spoiled(done)
    _released.wait(float(fault.seconds))
    return done if fault.name == "answer-slow" else cut(request)


_released = threading.Event()


def release() -> None:
    """End all waiting: what is held back is answered or cut now."""
    global _released
    _released.set()
    _released = threading.Event()


def cut(request: HttpRequest) -> HttpResponseBase:
    """Close the connection under ``request`` without an answer."""
    connection = _connection(request)
    if connection is None:
        return StreamingHttpResponse(_broken(), headers={"Content-Length": "1000"})
    # an error: the client has gone already
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    return HttpResponse(status=500)


def _connection(request: HttpRequest) -> socket.socket | None:
    found = request.META.get("gunicorn.socket")
    if isinstance(found, socket.socket):
        return found
    # Django's LimitedStream keeps the bound read of a BufferedReader over a SocketIO.
    step: object = getattr(request.META.get("wsgi.input"), "_read", None)
    for name in ("__self__", "raw", "_sock"):
        step = getattr(step, name, None)
    return step if isinstance(step, socket.socket) else None


def _broken() -> Iterator[bytes]:
    yield b""
    raise ConnectionAbortedError("cut by the fault cut-connection or act-then-timeout")


def other_signature(signature: str) -> str:
    """Well-formed base64, and not the signature."""
    return ("B" if signature[0] == "A" else "A") + signature[1:]
