"""The rows that an order's story is written from: a fixed number of statements, whatever the order holds."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from django.db import models
from django.db.models import QuerySet

from scanforpay_django.books.fees import annotate_fees
from scanforpay_django.models import (
    Flag,
    HandlerCall,
    Notification,
    NotificationAttempt,
    Order,
    OrderEvent,
    PageVisit,
    Payment,
    PlatformNotification,
    Refund,
)
from scanforpay_django.operations.staff_scope import Scope

#: how many lines a page shows; older ones are on the next
MAX_LINES = 200

_Row = TypeVar("_Row", bound=models.Model)


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Who reads the story: what is not theirs to see is in no line of it."""

    scope: Scope
    # whether the user has a permission of this app, by its codename
    may: Callable[[str], bool]
    # see models.refund_approval
    user_key: str = ""

    def rows(self, found: "QuerySet[_Row]") -> "QuerySet[_Row]":
        """Those of the rows that the user may see: none without the permission to view their model."""
        if not self.may(f"view_{found.model._meta.model_name}"):
            return found.none()
        return self.scope.narrow(found)


@dataclass(kw_only=True)
class StoryRows:
    """An order and what belongs to it, as far as its reader may see it; oldest first."""

    # with its partner and store
    order: Order
    # with their accounts, ``known_fee`` and ``is_fee_expected``
    payments: list[Payment] = field(default_factory=list)
    # with their payments and accounts
    refunds: list[Refund] = field(default_factory=list)
    events: list[OrderEvent] = field(default_factory=list)
    # the platform's, with their accounts
    calls: list[PlatformNotification] = field(default_factory=list)
    notifications: list[Notification] = field(default_factory=list)
    attempts: list[NotificationAttempt] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)
    handler_calls: list[HandlerCall] = field(default_factory=list)
    visits: list[PageVisit] = field(default_factory=list)
    # whether the reader may see what the shop was sent
    shows_notifications: bool = True

    @property
    def complete_after(self) -> datetime | None:
        """What happened after this moment was read in full; None: all was. More rows than fit a page are not read."""
        oldest = [
            getattr(found[0], column)
            for found, column in (
                (self.events, "at"),
                (self.calls, "received_at"),
                (self.attempts, "started_at"),
                (self.handler_calls, "created_at"),
            )
            if len(found) > MAX_LINES
        ]
        return max(oldest, default=None)

    @property
    def applied(self) -> Payment | None:
        """The payment that paid the order."""
        return next((one for one in self.payments if one.is_applied), None)

    @property
    def unapplied(self) -> list[Payment]:
        """Payments that arrived and did not pay the order."""
        return [one for one in self.payments if one.state == Payment.State.PAID and not one.is_applied]

    @property
    def open_flags(self) -> list[Flag]:
        """Flags that are still open."""
        return [one for one in self.flags if one.cleared_at is None]

    def find_refunds(self, payment: Payment) -> list[Refund]:
        """The payment's refunds, oldest first."""
        return [one for one in self.refunds if one.payment_id == payment.pk]


def load_rows(order: Order, reader: Reader, *, before: datetime | None = None) -> StoryRows:
    """What the story needs: nine statements, and none for what the reader may not view.

    ``before`` leaves out what came later, for the page of older lines. One row more than fits a page is read, so that
    the page knows whether there are older ones. What there are few of is read in full, for the head.
    """
    payments = _last(
        annotate_fees(reader.rows(order.payments.select_related("account"))), "-is_applied", "-pk"
    )
    payments.sort(key=lambda one: one.pk)
    refunds = _last(reader.rows(order.refunds.select_related("payment__account")), "-pk")
    return StoryRows(
        order=order,
        payments=payments,
        refunds=refunds,
        events=_last(_until(reader.rows(order.events.all()), "at", before), "-pk"),
        calls=_last(_until(_own_calls(order, payments, reader), "received_at", before), "-pk"),
        notifications=_last(reader.rows(order.notifications.all()), "-pk"),
        attempts=_last(_until(_own_attempts(order, reader), "started_at", before), "-pk"),
        flags=_last(reader.rows(order.flags.all()), "-pk"),
        handler_calls=_last(_until(reader.rows(order.handler_calls.all()), "created_at", before), "-pk"),
        visits=_last(reader.rows(order.visits.all()), "-pk"),
        shows_notifications=reader.may("view_notification"),
    )


def _last(rows: "QuerySet[_Row]", *ordering: str) -> list[_Row]:
    return list(rows.order_by(*ordering)[: MAX_LINES + 1])[::-1]


def _until(rows: "QuerySet[_Row]", column: str, before: datetime | None) -> "QuerySet[_Row]":
    return rows if before is None else rows.filter(**{f"{column}__lt": before})


def _own_calls(order: Order, payments: list[Payment], reader: Reader) -> "QuerySet[PlatformNotification]":
    # By keys: with a JOIN a planner may read all notifications of the accounts.
    keys: Any = [one.pk for one in payments] or order.payments.values("pk")
    return reader.rows(PlatformNotification.objects.filter(payment__in=keys))


def _own_attempts(order: Order, reader: Reader) -> "QuerySet[NotificationAttempt]":
    return reader.rows(NotificationAttempt.objects.filter(notification__order=order))
