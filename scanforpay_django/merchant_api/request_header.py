"""The header of a request: what it has to hold, and what of it is echoed."""

import re
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_noop

from scanforpay_django import wire
from scanforpay_django.conf import conf
from scanforpay_django.exceptions import FieldInvalid, FieldMissing, NotAuthorised
from scanforpay_django.models import Partner

REQ_MSG_ID_LENGTH = 36
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def check_header(header: dict[str, Any], partner: Partner) -> None:
    """What a proven caller's header has to be. Raises FieldMissing, FieldInvalid, NotAuthorised."""
    if header.get("version") in (None, ""):
        raise FieldMissing(field="version")
    if header["version"] != wire.VERSION:
        raise FieldInvalid(field="version", rule="1.0")
    req_msg_id = header.get("reqMsgId")
    if req_msg_id is not None and not _is_echoable(req_msg_id):
        raise FieldInvalid(field="reqMsgId", rule=gettext_noop("at most 36 printable characters"))
    name = "reqTime" if header.get("reqTime") not in (None, "") else "requestTime"
    _check_time(header.get(name), name, partner)


def _is_echoable(value: object) -> bool:
    return isinstance(value, str) and len(value) <= REQ_MSG_ID_LENGTH and not UNPRINTABLE.search(value)


def echo(value: object) -> str:
    """What may be sent back; "" for anything else."""
    return str(value) if _is_echoable(value) else ""


def _check_time(value: object, name: str, partner: Partner) -> None:
    if value in (None, ""):
        raise FieldMissing(field="reqTime")
    try:
        moment = parse_datetime(value) if isinstance(value, str) and len(value) <= 40 else None
    except ValueError:
        moment = None
    if moment is None or timezone.is_naive(moment):
        raise FieldInvalid(
            field=name, rule=gettext_noop("RFC 3339 with offset, e.g. 2026-01-02T03:04:05+08:00")
        )
    window = partner.request_window_seconds
    window = conf.request_window_seconds if window is None else window
    try:
        skew = abs((timezone.now() - moment).total_seconds())
    except OverflowError:
        skew = window + 1.0
    if window and skew > window:
        raise NotAuthorised(detail=f"{name} is more than {window} s off")
