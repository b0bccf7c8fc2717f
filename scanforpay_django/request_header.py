"""The header of a request: what it has to hold, and what of it is echoed."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Protocol

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_noop

from scanforpay_django import clock, wire
from scanforpay_django.conf import conf
from scanforpay_django.exceptions import FieldInvalid, FieldMissing, NotAuthorised, RequestRefused, rule

REQ_MSG_ID_LENGTH = 36
PRINTABLE = gettext_noop("must have at most %(length)s printable characters")
RFC_3339 = gettext_noop("must be RFC 3339 with offset, e.g. %(example)s")
OFF = gettext_noop("%(field)s is off by more than %(window)s s.")
_LEAP_SECOND = re.compile(r"(?<=[0-9]:[0-5][0-9]):60(?=[^0-9])")
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


class RequestWindow(Protocol):
    """A caller with a limit of its own for how far its clock may be off."""

    @property
    def request_window_seconds(self) -> int | None:
        """Seconds; 0 switches the check off, None leaves it to the project's setting."""


class ClockOff(NotAuthorised):
    """The caller's clock and ours differ too much."""


def check_header(header: Mapping[str, object], caller: RequestWindow) -> None:
    """What a verified caller's header has to be. Raises FieldMissing, FieldInvalid, NotAuthorised."""
    for fault in header_faults(header, caller):
        raise fault


def header_faults(header: Mapping[str, object], caller: RequestWindow) -> Iterator[RequestRefused]:
    """Everything that a verified caller is refused for, one after the other."""
    if header.get("version") in (None, ""):
        yield FieldMissing(field="version")
    elif header["version"] != wire.VERSION:
        yield FieldInvalid(
            field="version", rule=rule(gettext_noop("must be %(version)s"), version=wire.VERSION)
        )
    req_msg_id = header.get("reqMsgId")
    if req_msg_id is not None and not _is_echoable(req_msg_id):
        yield FieldInvalid(
            field="reqMsgId",
            rule=rule(
                gettext_noop("must have at most %(length)s printable characters"), length=REQ_MSG_ID_LENGTH
            ),
        )
    name = _time_name(header)
    yield from _faults_of_time(header.get(name), name, caller)


def _time_name(header: Mapping[str, object]) -> str:
    return "reqTime" if header.get("reqTime") not in (None, "") else "requestTime"


def find_moment(header: Mapping[str, object]) -> datetime | None:
    """The request's time; None where it has none that can be read."""
    value = header.get(_time_name(header))
    moment = _read_moment(value) if isinstance(value, str) and len(value) <= 40 else None
    return None if moment is None or timezone.is_naive(moment) else moment


def _is_echoable(value: object) -> bool:
    return isinstance(value, str) and len(value) <= REQ_MSG_ID_LENGTH and not UNPRINTABLE.search(value)


def echo(value: object) -> str:
    """What may be sent back; "" for anything else."""
    return str(value) if _is_echoable(value) else ""


def _read_moment(text: str) -> datetime | None:
    """RFC 3339: its letters may be small, and a leap second is the end of its minute, for Python knows none."""
    text = _LEAP_SECOND.sub(":59", text.upper())
    try:
        return parse_datetime(text)
    except ValueError:
        return None


def _faults_of_time(value: object, name: str, caller: RequestWindow) -> Iterator[RequestRefused]:
    if value in (None, ""):
        yield FieldMissing(field="reqTime")
        return
    moment = _read_moment(value) if isinstance(value, str) and len(value) <= 40 else None
    if moment is None or timezone.is_naive(moment):
        yield FieldInvalid(
            field=name,
            rule=rule(
                gettext_noop("must be RFC 3339 with offset, e.g. %(example)s"),
                example="2026-01-02T03:04:05+08:00",
            ),
        )
        return
    window = caller.request_window_seconds
    window = conf.request_window_seconds if window is None else window
    try:
        # Merchants have the real time, wherever the sandbox has put the clock.
        skew = (moment - clock.host_now()).total_seconds()
    except OverflowError:
        skew = window + 1.0
    if window and abs(skew) > window:
        yield ClockOff(
            detail=rule(
                gettext_noop("%(field)s is off by more than %(window)s s."), field=name, window=window
            ),
            field=name,
            seconds=f"{skew:+.0f}",
            window=window,
        )
