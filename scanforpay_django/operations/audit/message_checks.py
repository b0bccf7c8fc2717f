"""Notifications: the right address, the right figures, and delivered."""

import json
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any

from django.db.models import Exists, F, OuterRef, Q

from scanforpay_django.models import Notification, NotificationAttempt
from scanforpay_django.operations.audit.check import MOST, Check, Rows

DELIVERED = Notification.State.DELIVERED
TAKEN = NotificationAttempt.objects.filter(state=NotificationAttempt.State.ACKNOWLEDGED)
#: of the order, then of the refund that a message is about
ORDER_COLUMNS = (
    "pk",
    "content",
    "order__partner__partner_no",
    "order__partner_order_no",
    "order__order_no",
    "order__amount",
    "order__currency",
)
REFUND_COLUMNS = (
    "pk",
    "content",
    "order__partner__partner_no",
    "order__partner_order_no",
    "refund__refund_no",
    "refund__amount",
    "refund__currency",
)
IS_OF_ORDER = Q(kind=Notification.Kind.PAID, refund=None)
IS_OF_REFUND = Q(kind=Notification.Kind.REFUND, refund__order=F("order"))
CHUNK = 1000


def _contradicting(rows: Rows) -> Rows:
    """No database reads the content: each is opened here, and none kept. The many that are about their order are read
    without a look for a refund; no message may be about anything but these two.
    """
    others = rows.exclude(IS_OF_ORDER).order_by()
    astray = others.filter(~Q(kind=Notification.Kind.REFUND) | Q(refund=None) | ~Q(refund__order=F("order")))
    untrue = chain(
        _find_untrue(rows.filter(IS_OF_ORDER), "orderNo", ORDER_COLUMNS),
        _find_untrue(others.filter(IS_OF_REFUND), "refundNo", REFUND_COLUMNS),
        astray.values_list("pk", flat=True),
    )
    return rows.filter(pk__in=list(islice(untrue, MOST)))


def _find_untrue(rows: Rows, number_name: str, columns: Sequence[str]) -> Iterator[int]:
    """Keys of the messages that do not say what these columns do."""
    for pk, content, *expected in rows.order_by().values_list(*columns).iterator(chunk_size=CHUNK):
        if _read(content, number_name) != [*expected, 1]:
            yield pk


def _read(content: str, number_name: str) -> list[Any] | None:
    """What a message says, in the order of the columns, and its status; None where it cannot be read."""
    try:
        message = json.loads(content)
        partner_no, body = message["header"]["partnerNo"], dict(message["body"])
    except (ValueError, TypeError, LookupError, RecursionError):
        return None
    get = body.get
    figures = [get("partnerOrderNo"), get(number_name), get("orderAmount"), get("currency"), get("status")]
    return [partner_no, *figures]


def _date_message(pk: int) -> bool:
    """When the try began that was taken."""
    last = TAKEN.filter(notification=pk).order_by("-number").values_list("started_at", flat=True).first()
    undated = Notification.objects.filter(pk=pk, state=DELIVERED, delivered_at__isnull=True)
    return bool(last and undated.update(delivered_at=last))


MESSAGE_CHECKS = (
    Check(
        code="delivered-without-date",
        invariant=0,
        text="The notification is delivered, but not when.",
        rows=Notification.objects.all(),
        find=lambda rows: rows.filter(state=DELIVERED, delivered_at__isnull=True),
        repair=_date_message,
    ),
    Check(
        code="delivered-without-try",
        invariant=3,
        text="The notification is called delivered, but no try of it was acknowledged.",
        rows=Notification.objects.all(),
        find=lambda rows: rows.filter(state=DELIVERED).exclude(
            Exists(TAKEN.filter(notification=OuterRef("pk")))
        ),
    ),
    Check(
        code="notified-elsewhere",
        invariant=3,
        text="The notification goes to another address than its order names.",
        rows=Notification.objects.all(),
        find=lambda rows: rows.exclude(url=F("order__notify_url")),
    ),
    Check(
        code="notified-otherwise",
        invariant=3,
        text="The notification's content contradicts its order: number, amount, currency or partner.",
        rows=Notification.objects.all(),
        find=_contradicting,
    ),
)
