"""One or some sentences that say what happened to an order and what to do next: rules over its rows."""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from functools import reduce

from django.utils.translation import gettext

from scanforpay_django.models import Flag, Order, Payment, Source
from scanforpay_django.operations.error_text import join_sentences
from scanforpay_django.operations.order_story.money_back import describe_order_refunds, describe_unapplied
from scanforpay_django.operations.order_story.rows import StoryRows
from scanforpay_django.operations.order_story.shop_notified import describe_shop
from scanforpay_django.operations.order_story.values import Head, Statement, Tone
from scanforpay_django.operations.order_story.words import (
    say_amount,
    say_moment,
    say_wallet,
    say_wire_wallet,
)


def describe_head(rows: StoryRows, *, zone: tzinfo, now: datetime) -> Head:
    """``zone`` is the store's; ``now`` decides what is overdue, and the day of what is to come."""
    order = rows.order
    statements = [
        *_describe_state(rows, zone, now),
        *describe_unapplied(rows, zone, now),
        *describe_order_refunds(rows, zone, now),
        *describe_shop(rows, zone),
        *_describe_flags(rows, zone),
    ]
    needs_person = any(one.needs_person for one in statements)
    texts = [one.text for one in statements]
    if not needs_person:
        last = statements[-1].calm_text
        texts = [*texts[:-1], last] if last else [*texts, gettext("Nothing to do.")]
    tone = Tone.TROUBLE if needs_person else _calm_tone(order)
    return Head(
        text=reduce(join_sentences, texts),
        tone=tone,
        needs_person=needs_person,
        customer_sees=_describe_page(order, now),
    )


def _calm_tone(order: Order) -> Tone:
    return {
        Order.State.PENDING: Tone.WAITING,
        Order.State.PAID: Tone.GOOD,
        Order.State.REFUNDED: Tone.MONEY_BACK,
    }.get(Order.State(order.state), Tone.QUIET)


def _describe_state(rows: StoryRows, zone: tzinfo, now: datetime) -> Iterator[Statement]:
    order = rows.order
    if order.state == Order.State.PENDING:
        yield _describe_pending(rows, zone, now)
    elif order.state in (Order.State.CLOSED, Order.State.EXPIRED):
        # What arrived after its end is in the sentence about that payment.
        if not rows.unapplied:
            yield Statement(text=_describe_end(rows, zone))
    else:
        yield Statement(text=_describe_paid(rows, zone), tone=Tone.GOOD)


def _describe_pending(rows: StoryRows, zone: tzinfo, now: datetime) -> Statement:
    order = rows.order
    kinds = {flag.kind for flag in rows.open_flags}
    unfinished = [one for one in rows.payments if one.is_unfinished()]
    begun = unfinished or rows.payments
    last = begun[-1] if begun else None
    names = {
        "end": say_moment(order.expires_at, zone),
        "wallet": say_wallet(last) if last else "",
        "opened": say_moment(last.created_at, zone) if last else "",
    }
    if Flag.Kind.PAYMENT_INCOMPLETE in kinds and last:
        text = gettext(
            "%(wallet)s reported the order as paid without a readable amount: look for the payment in its console, "
            "then ask the platform here."
        )
        return Statement(text=text % names, needs_person=True, tone=Tone.TROUBLE)
    if Flag.Kind.PAYMENT_OVERDUE in kinds and last:
        text = gettext(
            "The order's time ended on %(end)s, and %(wallet)s still has not said whether it was paid: look for the "
            "payment in its console, then ask the platform here."
        )
        return Statement(text=text % names, needs_person=True, tone=Tone.TROUBLE)
    text = _calm_pending(order, last, is_over=now >= order.expires_at, is_unfinished=bool(unfinished))
    return Statement(text=text % names, tone=Tone.WAITING)


def _calm_pending(order: Order, last: Payment | None, *, is_over: bool, is_unfinished: bool) -> str:
    if is_over and is_unfinished:
        return gettext(
            "The order's time ended on %(end)s, and %(wallet)s has not said yet whether it was paid; it is asked again "
            "by itself."
        )
    if is_over:
        return gettext("The order's time ended on %(end)s; it expires by itself within minutes.")
    if last is None:
        return gettext("The customer has not begun to pay; the order can be paid until %(end)s.")
    if last.state == Payment.State.CLOSING:
        return gettext("The payment in %(wallet)s is being closed; that goes on by itself.")
    if is_unfinished and order.entry == Order.Entry.BARCODE:
        return gettext(
            "The customer's code was charged in %(wallet)s on %(opened)s, and %(wallet)s has not said yet whether it "
            "was paid; it is asked again by itself."
        )
    if is_unfinished:
        return gettext(
            "The customer began to pay in %(wallet)s on %(opened)s; the order can be paid until %(end)s."
        )
    if last.state == Payment.State.PAID:
        return gettext("The order itself can still be paid until %(end)s.")
    return gettext(
        "The customer's last attempt in %(wallet)s came to nothing; the order can be paid until %(end)s."
    )


def _describe_end(rows: StoryRows, zone: tzinfo) -> str:
    order = rows.order
    if order.state == Order.State.EXPIRED:
        end = say_moment(order.expires_at, zone)
        return gettext("Nobody paid before the order expired on %(end)s.") % {"end": end}
    closing = next((one for one in reversed(rows.events) if one.to_state == Order.State.CLOSED), None)
    if closing is not None and closing.source == Source.API:
        return gettext("The shop closed the order before anything was paid.")
    if closing is not None and closing.source == Source.STAFF:
        return gettext("%(name)s (staff) closed the order before anything was paid.") % {
            "name": closing.actor
        }
    return gettext("The order was closed before anything was paid.")


def _describe_paid(rows: StoryRows, zone: tzinfo) -> str:
    order, payment = rows.order, rows.applied
    names = {
        "amount": say_amount(order.amount, order.currency),
        "wallet": say_wallet(payment) if payment else say_wire_wallet(order.wallet),
        "time": say_moment(order.paid_at or order.created_at, zone),
    }
    ended = (Order.State.CLOSED, Order.State.EXPIRED)
    if any(one.to_state == Order.State.PAID and one.from_state in ended for one in rows.events):
        return (
            gettext(
                "The customer paid %(amount)s in %(wallet)s on %(time)s, after the order had ended, and the payment "
                "was accepted."
            )
            % names
        )
    return gettext("The customer paid %(amount)s in %(wallet)s on %(time)s.") % names


def _describe_flags(rows: StoryRows, zone: tzinfo) -> Iterator[Statement]:
    """Flags that no other sentence mentions; each with what staff do about it."""
    happened = {
        Flag.Kind.OVER_REFUNDED: gettext("More went back to the customer than was to be refunded."),
        Flag.Kind.REFUND_SUM: gettext("The platform reports another sum of refunds than is recorded here."),
        Flag.Kind.ODD_NOTIFICATION: gettext("A notification of the platform had unexpected fields."),
        Flag.Kind.MESSAGE_REFUSED: gettext("A message of the platform could not be used."),
        Flag.Kind.HANDLER_FAILED: gettext("A handler of this project has failed."),
    }
    for flag in rows.open_flags:
        if flag.kind == Flag.Kind.REFUND_APPROVAL and "until" in flag.details:
            yield _describe_request(flag, zone)
        elif flag.kind in happened:
            yield Statement(text=happened[Flag.Kind(flag.kind)], tone=Tone.TROUBLE)
            yield Statement(text=str(flag.advice), needs_person=True, tone=Tone.TROUBLE)


def _describe_request(flag: Flag, zone: tzinfo) -> Statement:
    details = flag.details
    names = {
        "amount": say_amount(details["amount"], details["currency"]),
        "name": details["requested_by"],
        "time": say_moment(datetime.fromisoformat(details["until"]), zone),
    }
    text = gettext(
        "A refund of %(amount)s, requested by %(name)s, is above the store's limit: a second person decides until "
        "%(time)s."
    )
    return Statement(text=text % names, needs_person=True, tone=Tone.MONEY_BACK)


def _describe_page(order: Order, now: datetime) -> str:
    """What the pay page shows when it is opened now."""
    if order.state == Order.State.PENDING and now < order.expires_at:
        return gettext("the amount, and a way to pay it")
    if order.state == Order.State.PENDING:
        # It is not offered any more, and the platform has yet to say whether it was paid.
        return gettext("that the payment has expired")
    return {
        Order.State.PAID: gettext("that it is paid"),
        Order.State.REFUNDED: gettext("that the money goes back"),
        Order.State.CLOSED: gettext("that the payment was cancelled"),
        Order.State.EXPIRED: gettext("that the payment has expired"),
    }[Order.State(order.state)]
