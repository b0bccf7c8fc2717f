"""The head's sentences about money on its way back, or to be sent back."""

from collections.abc import Iterator
from datetime import datetime, tzinfo

from django.utils.translation import gettext

from scanforpay_django.flows.redirect_refund import may_be_redirected
from scanforpay_django.flows.refund_unapplied import unapplied_kind
from scanforpay_django.models import Flag, Order, Payment, Refund
from scanforpay_django.operations.error_text import describe_refund_failure
from scanforpay_django.operations.order_story.rows import StoryRows
from scanforpay_django.operations.order_story.values import Statement, Tone
from scanforpay_django.operations.order_story.words import say_amount, say_day, say_soon, say_wallet

_GOING_ON = (Refund.State.QUEUED, Refund.State.REQUESTED, Refund.State.PROCESSING)


def describe_unapplied(rows: StoryRows, zone: tzinfo, now: datetime) -> Iterator[Statement]:
    """Each payment that did not pay the order: why, and where its money is."""
    for payment in rows.unapplied:
        yield Statement(text=_why_unapplied(rows.order, payment), tone=Tone.TROUBLE)
        refunds = rows.find_refunds(payment)
        for refund in refunds:
            if refund.state != Refund.State.FAILED:
                yield describe_refund(rows, refund, zone, now)
        if get_left(payment) > 0:
            yield from _ask_for_decision(rows, payment, refunds, zone)


def get_left(payment: Payment) -> int:
    """What of a payment is neither refunded nor set aside for a refund, in minor units of its paid currency."""
    return (payment.paid_amount or 0) - payment.refunded_amount - payment.reserved_amount


def _why_unapplied(order: Order, payment: Payment) -> str:
    names = {
        "paid": say_amount(payment.paid_amount, payment.paid_currency),
        "asked": say_amount(order.amount, order.currency),
        "wallet": say_wallet(payment),
    }
    kind = unapplied_kind(order, payment)
    if kind == Refund.Kind.MISMATCH:
        return gettext("The customer paid %(paid)s in %(wallet)s instead of %(asked)s.") % names
    if kind == Refund.Kind.DUPLICATE:
        return gettext("The customer paid twice: another %(paid)s in %(wallet)s.") % names
    if order.state == Order.State.CLOSED:
        return (
            gettext("The customer paid %(paid)s in %(wallet)s, but after the order had been closed.") % names
        )
    return gettext("The customer paid %(paid)s in %(wallet)s, but after the order had expired.") % names


def _ask_for_decision(
    rows: StoryRows, payment: Payment, refunds: list[Refund], zone: tzinfo
) -> Iterator[Statement]:
    """The money lies with the merchant, and nothing happens by itself."""
    if refunds and refunds[-1].state == Refund.State.FAILED:
        yield from describe_failed(refunds[-1], zone)
    names = {"account": f"{say_wallet(payment)} {payment.account.name or rows.order.store.store_no}"}
    may_accept = not refunds and unapplied_kind(rows.order, payment) == Refund.Kind.LATE
    text = (
        gettext(
            "The money is with the account %(account)s: refund it, or accept the payment if the goods can still be "
            "delivered."
        )
        if may_accept
        else gettext("The money is with the account %(account)s: refund it.")
    )
    yield Statement(text=text % names, needs_person=True, tone=Tone.TROUBLE)


def describe_failed(refund: Refund, zone: tzinfo) -> Iterator[Statement]:
    """That a refund failed, and what its platform's answer means."""
    names = {
        "amount": say_amount(refund.amount, refund.currency),
        "day": say_day(refund.finished_at or refund.created_at, zone),
    }
    yield Statement(text=gettext("The refund of %(amount)s failed on %(day)s.") % names, tone=Tone.TROUBLE)
    yield Statement(text=describe_refund_failure(refund), needs_person=True, tone=Tone.TROUBLE)


def describe_refund(rows: StoryRows, refund: Refund, zone: tzinfo, now: datetime) -> Statement:
    """One refund that has not failed: where its money is."""
    names = {
        "amount": say_amount(refund.amount, refund.currency),
        "wallet": say_wallet(refund.payment),
        "day": say_day(refund.finished_at or refund.created_at, zone),
        "soon": say_soon(max(refund.next_at or now, now), zone),
    }
    if refund.state == Refund.State.SUCCEEDED and refund.way == Refund.Way.MERCHANT:
        text = gettext(
            "%(amount)s went to the merchant's bank account on %(day)s, since the payer could not be reached: the "
            "customer has to be paid by other means."
        )
        return Statement(text=text % names, tone=Tone.MONEY_BACK)
    if refund.state == Refund.State.SUCCEEDED:
        return Statement(
            text=gettext("%(amount)s went back to the customer on %(day)s.") % names, tone=Tone.MONEY_BACK
        )
    if refund.state == Refund.State.PAYER_UNREACHABLE and may_be_redirected(refund):
        text = gettext("The refund of %(amount)s could not reach the payer: send it another way.")
        return Statement(text=text % names, needs_person=True, tone=Tone.TROUBLE)
    if refund.state == Refund.State.PAYER_UNREACHABLE:
        text = gettext(
            "The refund of %(amount)s could not reach the payer: choose another way to the customer in the console of "
            "%(wallet)s."
        )
        return Statement(text=text % names, needs_person=True, tone=Tone.TROUBLE)
    if any(flag.kind == Flag.Kind.REFUND_OVERDUE for flag in rows.open_flags):
        text = gettext(
            "The refund of %(amount)s has not ended in time: look for it in the console of %(wallet)s, and do not "
            "refund it again under another number."
        )
        return Statement(text=text % names, needs_person=True, tone=Tone.TROUBLE)
    if refund.state in _GOING_ON and refund.sent_at is None and refund.source == Refund.Source.RULE:
        return Statement(
            text=gettext("The money goes back by itself on %(soon)s.") % names,
            calm_text=gettext("The money goes back by itself on %(soon)s; nothing to do.") % names,
            tone=Tone.MONEY_BACK,
        )
    if refund.state == Refund.State.QUEUED:
        text = gettext("The refund of %(amount)s waits until %(wallet)s takes the next one, on %(soon)s.")
    elif refund.state in _GOING_ON:
        text = gettext("The refund of %(amount)s is under way at %(wallet)s.")
    else:
        text = gettext(
            "Whether the refund of %(amount)s was made is not known yet: %(wallet)s is asked again by itself."
        )
    return Statement(text=text % names, tone=Tone.MONEY_BACK)


def describe_order_refunds(rows: StoryRows, zone: tzinfo, now: datetime) -> Iterator[Statement]:
    """Refunds of the order itself: what went back, what is under way, and the last one where that failed."""
    order = rows.order
    names = {
        "refunded": say_amount(order.refunded_amount, order.currency),
        "left": say_amount(order.amount - order.refunded_amount, order.currency),
    }
    refunds = [one for one in rows.refunds if one.kind == Refund.Kind.ORDER]
    if order.state == Order.State.REFUNDED:
        yield Statement(text=gettext("All of it went back to the customer."), tone=Tone.MONEY_BACK)
    elif order.refunded_amount:
        text = gettext("%(refunded)s of it went back to the customer; %(left)s is left.")
        yield Statement(text=text % names, tone=Tone.MONEY_BACK)
    for refund in refunds:
        went_to_merchant = refund.state == Refund.State.SUCCEEDED and refund.way == Refund.Way.MERCHANT
        if went_to_merchant or not refund.is_final():
            yield describe_refund(rows, refund, zone, now)
    if refunds and refunds[-1].state == Refund.State.FAILED and order.state == Order.State.PAID:
        yield from describe_failed(refunds[-1], zone)
