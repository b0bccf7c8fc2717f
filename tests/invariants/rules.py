"""The invariants, each a question to the rows (and to the platform) that names what breaks it.

1. What went back and what is on its way never exceed what was paid; an order's figures are those of its settling
   payment's refunds of kind "order".
2. An order is paid or refunded if and only if exactly one settling payment, proven, has its amount and currency.
3. A paid order with a notify address has exactly one "paid" notification, an unpaid one none; nothing is sent of an
   order that is not paid.
4. No change of state without its event, no event without its change.
5. A payment that the platform calls paid is paid here within one sweep (asked when everything is well again).
6. Amounts are integers; currencies never change.
7. Nothing leaves "refunded"; nothing goes back to "pending"; payments and refunds go along their tables too.
8. An order names the wallet of its settling payment, and until then the one it was created with.
9. The platform never gave back more of a payment than was paid, and of one wish never twice.
"""

from collections.abc import Collection, Iterator, Mapping

from django.db.models import Sum

from scanforpay_django.models import Notification, Order, OrderEvent, Payment, Refund
from tests.scripted import Platform

DONE = (Order.State.PAID, Order.State.REFUNDED)


def money(payment: Payment) -> Iterator[object]:
    """Invariants 1 and 6."""
    refunds = payment.refunds.all()
    reserved = sum(one.amount for one in refunds if one.state in Refund.UNFINISHED)
    refunded = sum(one.amount for one in refunds if one.state == Refund.State.SUCCEEDED)
    if (payment.reserved_amount, payment.refunded_amount) != (reserved, refunded):
        yield 1, "figures", payment.reserved_amount, reserved, payment.refunded_amount, refunded
    if payment.paid_amount is not None and not 0 <= reserved + refunded <= payment.paid_amount:
        yield 1, "more than was paid", reserved, refunded, payment.paid_amount
    if payment.paid_currency and payment.currency != payment.order.currency:
        yield 6, payment.currency, payment.order.currency


def settled(order: Order, first_wallets: Collection[str]) -> Iterator[object]:
    """Invariant 2, and the order's half of 1."""
    settling = [payment for payment in order.payments.all() if payment.is_applied]
    if (order.state in DONE) != (len(settling) == 1):
        yield 2, order.state, len(settling)
    if not settling and order.wallet not in first_wallets:
        yield 8, order.state, order.wallet
    for payment in settling:
        if (payment.state, payment.paid_amount, payment.paid_currency) != (
            "paid",
            order.amount,
            order.currency,
        ):
            yield 2, payment.state, payment.paid_amount, payment.paid_currency
        if order.wallet != payment.wallet:
            yield 8, order.wallet, payment.wallet
        of_order = payment.refunds.filter(kind=Refund.Kind.ORDER, state=Refund.State.SUCCEEDED)
        total = of_order.aggregate(total=Sum("amount"))["total"] or 0
        if order.refunded_amount != total or (order.state == Order.State.REFUNDED) != (total == order.amount):
            yield 1, order.state, order.refunded_amount, total


def told(order: Order) -> Iterator[object]:
    """Invariant 3, of the outbox."""
    wanted = 1 if order.state in DONE and order.notify_url else 0
    found = order.notifications.filter(kind=Notification.Kind.PAID).count()
    if found != wanted:
        yield 3, order.state, found


def events(order: Order) -> Iterator[object]:
    """Invariants 4 and 7: the events lead from pending to where the order is, along the table."""
    state = str(Order.State.PENDING)
    for event in OrderEvent.objects.filter(order=order):
        if event.from_state != state:
            yield 4, "an event without its change", event.from_state, state
        if event.to_state != event.from_state and event.to_state not in Order.TRANSITIONS[event.from_state]:
            yield 7, event.from_state, event.to_state
        state = event.to_state
    if state != order.state:
        yield 4, "a change without its event", state, order.state


def given_back(payment: Payment, platform: Platform) -> Iterator[object]:
    """Invariant 9, by the platform's books."""
    ours = {one.out_refund_no: one.amount for one in payment.refunds.all()}
    there = {number: amount for number, amount in platform.refunds.items() if number in ours}
    if sum(there.values()) > (payment.paid_amount or 0):
        yield 9, there, payment.paid_amount
    if any(ours[number] != amount for number, amount in there.items()):
        yield 9, ours, there


def reachable(table: Mapping[str, frozenset[str]], state: str) -> set[str]:
    """Where a row may be that was in ``state`` a while ago."""
    found, look = {state}, [state]
    while look:
        new = set(table[look.pop()]) - found
        found |= new
        look += new
    return found


class Moves:
    """Where payments and refunds were when they were last looked at."""

    def __init__(self) -> None:
        self.seen: dict[tuple[type, int], str] = {}

    def broken(self) -> Iterator[object]:
        """Invariant 7, of payments and refunds."""
        for model in (Payment, Refund):
            for pk, state in model.objects.values_list("pk", "state"):
                before = self.seen.get((model, pk), state)
                if state not in reachable(model.TRANSITIONS, before):
                    yield 7, model.__name__, before, state
                self.seen[model, pk] = state


def broken(platform: Platform, *, first_wallets: Collection[str] = ("Wechat", "Any")) -> list[object]:
    """Everything that breaks an invariant now. ``first_wallets``: those with which orders were made."""
    found: list[object] = []
    for order in Order.objects.all():
        found += [*settled(order, first_wallets), *told(order), *events(order)]
        for payment in order.payments.select_related("order"):
            found += [*money(payment), *given_back(payment, platform)]
    return found


def unseen_money(platform: Platform) -> list[object]:
    """Invariant 5."""
    there = [number for number, state in platform.trades.items() if state == "paid"]
    return [
        (5, payment.out_trade_no, payment.state)
        for payment in Payment.objects.filter(out_trade_no__in=there)
        if payment.state != Payment.State.PAID
    ]
