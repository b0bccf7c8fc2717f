"""Write notifications in the transaction of the change that they announce."""

import logging
from typing import Any

from django.db import OperationalError
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When

from scanforpay_django import clock, signing, wire
from scanforpay_django.merchant_notify.waking import wake_worker
from scanforpay_django.models import Notification, Order, Refund
from scanforpay_django.models.database import on_commit
from scanforpay_django.models.derived_numbers import derive_message_id
from scanforpay_django.models.moments import database_now
from scanforpay_django.models.row_statements import Beside, RowInsert
from scanforpay_django.transport import UrlRefused, split_url

logger = logging.getLogger(__name__)

_NOTIFICATIONS = RowInsert(Notification)

__all__ = ["enqueue", "enqueue_refund", "record_learned_by_query", "resend", "resend_all", "wake_worker"]


def _endpoint_origin(url: str) -> str:
    """The address's origin. One that is refused by now is refused when it is sent, not while settling."""
    try:
        return split_url(url).origin
    except UrlRefused:
        return url


def enqueue(
    order: Order, *, buyer: str = "", buyer_id: str = "", beside: Beside | None = None
) -> Notification | None:
    """Freeze the message that ``order`` is paid, and wake the worker on commit. None: the merchant wants none.

    Call inside the settling transaction, with the order's state "paid" and its ``paid_at`` set. ``buyer`` and
    ``buyer_id`` are shown as the platform gave them, at most 30 characters each. ``beside`` is written with it.
    """
    if not order.notify_url:
        return None
    body = wire.order_body(order, buyer=buyer, buyer_id=buyer_id)
    return _write_notification(order, body, Notification.Kind.PAID, beside=beside)


def enqueue_refund(refund: Refund) -> Notification | None:
    """The same for a refund that has been made, where the partner asks for these. Call inside its transaction."""
    order = refund.order
    if not order.notify_url or not order.partner.notify_refunds:
        return None
    return _write_notification(order, wire.refund_body(refund), Notification.Kind.REFUND, refund)


def _write_notification(
    order: Order,
    body: dict[str, Any],
    kind: str,
    refund: Refund | None = None,
    *,
    beside: Beside | None = None,
) -> Notification:
    refund_no = (refund.refund_no or refund.out_refund_no) if refund else ""
    partner_no = order.partner.partner_no
    message_id = derive_message_id(partner_no, order.partner_order_no, kind, refund_no)
    header = wire.header(partner_no, sign_type=signing.SHA256, message_id=message_id)
    notification = _NOTIFICATIONS.write(
        beside,
        order_id=order.pk,
        partner_id=order.partner_id,
        kind=kind,
        refund_id=refund.pk if refund else None,
        message_id=message_id,
        url=order.notify_url,
        endpoint=f"{partner_no} {_endpoint_origin(order.notify_url)}"[:240],
        content=signing.encode({"header": header, "body": body}).decode("ascii"),
    )
    if clock.offset_seconds():
        # The column's default is the database's own time, which the sandbox's clock is ahead of.
        Notification.objects.filter(pk=notification.pk).update(next_at=database_now())
    on_commit(wake_worker, robust=True)
    return notification


def record_learned_by_query(pk: int) -> None:
    """The merchant asked about the order of a notification that failed, and is answered that it is paid.

    That is enough: when the ladder ends without an acknowledgement no alarm is raised, and one that was raised ends.
    The ladder itself stays as long as it is, for another program of the merchant's may wait for the notification.
    Never raises: the merchant gets its answer, and the next query does as well.
    """
    was_given_up = Q(state=Notification.State.EXHAUSTED)
    now_told = Case(When(was_given_up, then=Value(Notification.State.LEARNED)), default=F("state"))
    try:
        Notification.objects.filter(pk=pk, learned_at=None).update(
            learned_at=database_now(),
            # before the state: MySQL assigns one after the other
            alarmed_at=Case(When(was_given_up, then=None), default=F("alarmed_at")),
            state=now_told,
        )
    except OperationalError as error:
        logger.warning("that the merchant asked is noted next time: %s", error)


def resend(notification: Notification) -> bool:
    """Put a notification back to the start of the ladder, due now.

    False when it is being sent at this moment or its order is no longer paid; then nothing changes.
    """
    return bool(resend_all(Notification.objects.filter(pk=notification.pk)))


def resend_all(notifications: "QuerySet[Notification]") -> int:
    """The same for many, in one statement; how many will be sent."""
    is_paid = Exists(Order.objects.filter(pk=OuterRef("order_id"), state=Order.State.PAID))
    is_still_valid = is_paid | ~Q(kind=Notification.Kind.PAID)
    changed = (
        notifications.order_by()
        .filter(is_still_valid)
        # Of one that was given up a mail is being sent at most.
        .filter(
            Q(lease_until__isnull=True)
            | Q(lease_until__lte=database_now())
            | Q(state=Notification.State.EXHAUSTED)
        )
        .update(
            state=Notification.State.PENDING,
            next_at=database_now(),
            schedule_start=F("attempt_count"),
            lease_until=None,
            lease_token="",
            delivered_at=None,
            alarmed_at=None,
            mailed_at=None,
        )
    )
    if changed:
        on_commit(wake_worker, robust=True)
    return changed
