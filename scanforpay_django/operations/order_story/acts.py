"""Which acts an order's page offers: those that its rows allow and that its reader may do."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from scanforpay_django.flows.accept_late import may_be_accepted
from scanforpay_django.flows.redirect_refund import may_be_redirected
from scanforpay_django.models import Flag, Notification, Order, Payment, Refund
from scanforpay_django.operations.order_story.money_back import get_left
from scanforpay_django.operations.order_story.rows import Reader, StoryRows


@dataclass(frozen=True, kw_only=True)
class Act:
    """One button of an order's page, and what it is about."""

    # approve, redirect, retry, refund, refund_unapplied, accept, ask, close, resend, clear_flag, copy
    name: str
    # what a payment's acts are about
    payment: Payment | None = None
    # minor units of the payment's paid currency
    amount: int | None = None
    # the refund to send anew, or another way
    refund: Refund | None = None
    # the flag to clear, or of the request to decide
    flag: Flag | None = None


def find_acts(rows: StoryRows, reader: Reader, now: datetime) -> list[Act]:
    """In the order in which the page shows them: what is wanted most comes first."""
    permissions = {
        "approve": "approve_refund",
        "refund_unapplied": "add_refund",
        "accept": "accept_late",
        "redirect": "add_refund",
        "retry": "add_refund",
        "refund": "add_refund",
        "resend": "resend_notification",
        "copy": "view_order",
        "ask": "change_order",
        "close": "close_order",
        "clear_flag": "change_flag",
    }
    return [
        act
        for act in _find_possible(rows, now)
        if reader.may(permissions[act.name]) and not (act.name == "approve" and _is_own(act, reader))
    ]


def _is_own(act: Act, reader: Reader) -> bool:
    return act.flag is not None and act.flag.details.get("requested_by_key") == reader.user_key


def _find_possible(rows: StoryRows, now: datetime) -> Iterator[Act]:
    order = rows.order
    acts = [Act(name=_flag_act(flag), flag=flag) for flag in rows.open_flags]
    yield from (act for act in acts if act.name == "approve")
    for payment in rows.unapplied:
        if get_left(payment) > 0:
            yield Act(name="refund_unapplied", payment=payment, amount=get_left(payment))
        if may_be_accepted(order, payment, rows.find_refunds(payment)):
            yield Act(name="accept", payment=payment, amount=payment.paid_amount)
    yield from _find_refund_acts(rows)
    if find_resendable(rows):
        yield Act(name="resend")
    if order.state == Order.State.PENDING and now < order.expires_at:
        yield Act(name="copy")
    if any(one.is_unfinished() for one in rows.payments):
        yield Act(name="ask")
    if order.state == Order.State.PENDING:
        yield Act(name="close")
    yield from (act for act in acts if act.name != "approve")


def _find_refund_acts(rows: StoryRows) -> Iterator[Act]:
    # The oldest: its page is about one.
    stuck = sorted((one for one in rows.refunds if may_be_redirected(one)), key=lambda one: one.pk)
    for refund in stuck[:1]:
        yield Act(name="redirect", refund=refund, amount=refund.amount)
    applied = rows.applied
    if failed := find_retryable(rows):
        yield Act(name="retry", refund=failed, amount=failed.amount)
    if rows.order.state == Order.State.PAID and (applied is None or get_left(applied) > 0):
        yield Act(name="refund")


def _flag_act(flag: Flag) -> str:
    """A refund that waits for a second person is decided; other flags are cleared."""
    return "approve" if flag.kind == Flag.Kind.REFUND_APPROVAL else "clear_flag"


def find_retryable(rows: StoryRows) -> Refund | None:
    """The order's newest refund, if it failed at the platform and the payment still has its amount: after a top-up, for
    example, the same refund may succeed.
    """
    applied = rows.applied
    newest = next((one for one in reversed(rows.refunds) if one.kind == Refund.Kind.ORDER), None)
    if applied is None or newest is None or rows.order.state != Order.State.PAID:
        return None
    if newest.state != Refund.State.FAILED or newest.source == Refund.Source.PLATFORM:
        return None
    return newest if newest.amount <= get_left(applied) else None


def find_resendable(rows: StoryRows) -> list[Notification]:
    """Those that were given up; without one, the notification of the payment, unless it has not been tried yet."""
    valid = [
        one
        for one in rows.notifications
        if rows.order.state == Order.State.PAID or one.kind != Notification.Kind.PAID
    ]
    given_up = [one for one in valid if one.state == Notification.State.EXHAUSTED]
    if given_up:
        return given_up
    paid = (one for one in valid if one.kind == Notification.Kind.PAID and one.attempt_count)
    return list(paid)[:1]
