"""Orders that are made at a till's printed code: by the customer who types the amount, or by the till."""

import secrets
from datetime import timedelta

from django.db.models import Q
from django.utils.translation import gettext_noop

from scanforpay_django import clock
from scanforpay_django.exceptions import (
    FieldInvalid,
    IdempotencyConflict,
    NotAuthorised,
    TooManyCalls,
    rule,
)
from scanforpay_django.flows.create_order import OrderContent, create_order
from scanforpay_django.models import CounterCode, CounterSale, Order
from scanforpay_django.models.database import atomic
from scanforpay_django.models.missing_rows import create_missing
from scanforpay_django.money import MAX_AMOUNT
from scanforpay_django.wire import ANY_WALLET

NOT_IN_USE = gettext_noop("This counter code is not in use.")
TOO_MANY = gettext_noop("Too many amounts were entered here and not paid. Please ask at the till.")
POSITIVE = gettext_noop("must be above 0")
#: an order that the till has set is looked for so far back: none may be paid for longer
LOOK_BACK = timedelta(days=7)
#: characters of the number that a form carries, so that sending it twice makes one order
ATTEMPT_LENGTH = 22


def new_attempt() -> str:
    """The number of one visit of the page: 22 letters, digits, - and _."""
    return secrets.token_urlsafe(16)


def find_code(token: str) -> CounterCode | None:
    """The code that leads here, with its store and partner; None for one that was replaced or is not in use."""
    found = CounterCode.objects.select_related("store__partner").filter(token=token).first()
    return found if found is not None and _is_in_use(found) else None


def _is_in_use(code: CounterCode) -> bool:
    return code.is_active and code.store.is_active and code.store.partner.is_active


def find_waiting_order(code: CounterCode) -> Order | None:
    """The order that the till has set, while it may be paid; the newest counts."""
    newest = (
        code.sales.filter(is_shown=True, created_at__gte=clock.now() - LOOK_BACK)
        .select_related("order__store")
        .order_by("-created_at", "-pk")
        .first()
    )
    if newest is None or newest.order.state != Order.State.PENDING or newest.order.is_past_expiry():
        return None
    return newest.order


def sell_to_customer(code: CounterCode, amount: int, attempt: str) -> Order:
    """The order of the ``amount`` (minor units) that a customer typed; the same for the same ``attempt`` again.

    Raises FieldInvalid, TooManyCalls (too many unpaid ones in the last hour), and as ``create_order``.
    """
    if not 0 < amount <= MAX_AMOUNT:
        raise FieldInvalid(field="amount", rule=rule(POSITIVE))
    content = OrderContent(
        entry=Order.Entry.COUNTER,
        partner_order_no=f"counter-{attempt}",
        wallet=ANY_WALLET,
        amount=amount,
        currency=code.paid_in,
        title=code.title or code.store.name,
        terminal_no=code.number,
        notify_url=code.notify_url,
    )
    return _sell(code, content, is_set_by_till=False)


def sell_at_till(code: CounterCode, content: OrderContent) -> Order:
    """The order of the till's own ``content``, which customers who scan the code now find; the same for the same
    content again.

    Raises IdempotencyConflict (another order has the number), and as ``create_order``.
    """
    return _sell(code, content, is_set_by_till=True)


def _sell(code: CounterCode, content: OrderContent, *, is_set_by_till: bool) -> Order:
    with atomic():
        # One at a time: two customers at the limit are not both let through.
        code = CounterCode.objects.select_for_update().get(pk=code.pk)
        if not _is_in_use(code):
            raise NotAuthorised(detail=rule(NOT_IN_USE))
        order = create_order(code.store.partner, code.store, content)
        known = CounterSale.objects.filter(order=order).first()
        if known is not None:
            if known.code_id != code.pk:
                raise IdempotencyConflict
            return order
        if not is_set_by_till and _count_unpaid(code) >= code.unpaid_per_hour:
            raise CounterBusy
        sale = CounterSale(code=code, order=order, is_set_by_till=is_set_by_till, is_shown=is_set_by_till)
        create_missing(CounterSale.objects.all(), [sale], unique=["order"])
        return order


def _count_unpaid(code: CounterCode) -> int:
    """Customers' orders of the last hour that are not paid."""
    recent = code.sales.filter(created_at__gte=clock.now() - timedelta(hours=1), is_set_by_till=False)
    return recent.exclude(Q(order__state=Order.State.PAID) | Q(order__state=Order.State.REFUNDED)).count()


def take_back(code: CounterCode) -> None:
    """The till shows no amount any more; the order that it showed stays payable for who has scanned it."""
    code.sales.filter(is_shown=True, created_at__gte=clock.now() - LOOK_BACK).update(is_shown=False)


class CounterBusy(TooManyCalls):
    """Too many unpaid orders at this counter code."""

    text = TOO_MANY
