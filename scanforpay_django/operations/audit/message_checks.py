"""Notifications: the right address, the right figures, and delivered."""

import json
from collections.abc import Mapping
from itertools import islice
from typing import Any

from django.db.models import Exists, F, OuterRef

from scanforpay_django.models import Notification, NotificationAttempt
from scanforpay_django.operations.audit.check import MOST, Check, Rows

DELIVERED = Notification.State.DELIVERED
TAKEN = NotificationAttempt.objects.filter(state=NotificationAttempt.State.ACKNOWLEDGED)
COLUMNS = (
    "pk",
    "kind",
    "content",
    "order",
    "order__order_no",
    "order__partner_order_no",
    "order__amount",
    "order__currency",
    "order__partner__partner_no",
    "refund",
    "refund__order",
    "refund__refund_no",
    "refund__amount",
    "refund__currency",
)
CHUNK = 1000


def _contradicting(rows: Rows) -> Rows:
    """No database reads the content: each is opened here, and none is kept."""
    stored = rows.order_by().values(*COLUMNS).iterator(chunk_size=CHUNK)
    untrue = (one["pk"] for one in stored if not _is_true(one))
    return rows.filter(pk__in=list(islice(untrue, MOST)))


def _is_true(row: Mapping[str, Any]) -> bool:
    try:
        content = json.loads(row["content"])
        partner_no, body = content["header"]["partnerNo"], dict(content["body"])
    except (ValueError, TypeError, LookupError, RecursionError):
        return False
    expected = _expected(row)
    return partner_no == row["order__partner__partner_no"] and expected == {
        name: body.get(name) for name in expected or {}
    }


def _expected(row: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the body has to say; None where no message may be."""
    body = {"partnerOrderNo": row["order__partner_order_no"], "status": 1}
    if row["kind"] == Notification.Kind.PAID and row["refund"] is None:
        of, body["orderNo"] = "order", row["order__order_no"]
    elif row["kind"] == Notification.Kind.REFUND and row["refund__order"] == row["order"]:
        of, body["refundNo"] = "refund", row["refund__refund_no"]
    else:
        return None
    return {**body, "orderAmount": row[f"{of}__amount"], "currency": row[f"{of}__currency"]}


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
