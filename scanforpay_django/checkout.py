"""The project's own orders: created in Python; the project's functions are called when they are paid, refunded, closed.

::

    from scanforpay_django import checkout

    order = checkout.create(number=f"A-{cart.pk}", amount=cart.total, title="Oolong", return_url="/thanks/")
    return redirect(order.pay_url)

    # in scanforpay.py of any installed app, which is found as admin.py is found
    @checkout.on_paid
    def ship(order): ...

``create`` joins the caller's transaction: the shop's row and the order commit together. A handler runs in one
transaction with the mark that its call is done, in a worker, and again on the ladder when it raises: with the shop's
rows in the same database its effect happens exactly once. ``@checkout.on_paid(atomic=False)`` is for handlers that call
out: these are called at least once. A serialization failure of the database in the caller's block is raised as it is,
never retried.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.utils.translation import gettext_noop

from scanforpay_django import handlers
from scanforpay_django.exceptions import (
    FieldInvalid,
    IdempotencyConflict,
    NotAuthorised,
    OrderNotFound,
    RequestRefused,
    rule,
)
from scanforpay_django.flows.close_order import close_order
from scanforpay_django.flows.create_order import OrderContent, create_order
from scanforpay_django.flows.refund_order import RequestedRefund, request_refund
from scanforpay_django.models import Cause, Order, OrderMetadata, Refund, Source, Store
from scanforpay_django.models.database import atomic
from scanforpay_django.models.locks import newest
from scanforpay_django.models.missing_rows import create_missing
from scanforpay_django.operations.checkout_arguments import (
    check_lifetime,
    check_metadata,
    check_return_url,
    minor_units,
    validate,
)
from scanforpay_django.operations.error_text import describe_error
from scanforpay_django.operations.wire_fields import Amount, Number, Title
from scanforpay_django.wire import ANY_WALLET

__all__ = [
    "aclose", "acreate", "aget", "arefund", "close", "create", "get", "on_closed", "on_paid", "on_refunded", "refund",
]  # fmt: skip

BY_PROJECT = Cause(source=Source.PROJECT)
A_STORE = gettext_noop("name the store: there are %(count)s active ones")
NO_REFUND = gettext_noop("more than is left, or nothing is left")

_Function = TypeVar("_Function", bound=Callable[[Order], object])
_Parameters = ParamSpec("_Parameters")
_Returned = TypeVar("_Returned")


def _readable(call: Callable[_Parameters, _Returned]) -> Callable[_Parameters, _Returned]:
    """An error in words, with the argument's name, since a Python caller does not look up codes."""

    @wraps(call)
    def readable(*args: _Parameters.args, **kwargs: _Parameters.kwargs) -> _Returned:
        try:
            return call(*args, **kwargs)
        except RequestRefused as error:
            error.args = (describe_error(error),)
            raise

    return readable


@_readable
def create(
    *,
    number: str,
    amount: int | Decimal,
    title: str = "",
    return_url: str = "",
    store: Store | str | None = None,
    wallet: str | None = None,
    currency: str = "",
    lifetime_seconds: int | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> Order:
    """Make an order, once for each ``number``; the same call again is the same order.

    ``amount``: an int is minor units (2100), a Decimal major units (21.00). ``store``: a row or its number; the only
    active one by default. ``wallet``: its name on the wire; by default the customer pays with any wallet that the
    store has, and the order takes that one's name. ``return_url``
    may be a path of this site; the customer comes back there by GET with ``partnerOrderNo`` and ``orderNo``, which
    prove nothing. ``lifetime_seconds``: from 300 to 7 days. ``metadata``: up to 2 KiB of JSON, kept as it was at first.

    Raises FieldInvalid and FieldMissing, whose ``params["field"]`` names the argument; IdempotencyConflict, whose
    ``params["field"]`` names what differs; NotAuthorised (inactive partner or store), AccountMissing, WalletDisabled.
    """
    sold_by = _find_store(store)
    paid_in = currency or sold_by.currency
    stored = check_metadata(metadata)
    content = OrderContent(
        entry=Order.Entry.PROJECT,
        partner_order_no=validate(Number(max_length=32), "number", number),
        wallet=wallet or ANY_WALLET,
        amount=validate(Amount(), "amount", minor_units(amount, paid_in)),
        currency=paid_in,
        title=validate(Title(max_length=100, required=False), "title", title),
        return_url=check_return_url(return_url),
        lifetime_seconds=check_lifetime(lifetime_seconds),
    )
    with atomic():
        try:
            made = create_order(sold_by.partner, sold_by, content)
        except IdempotencyConflict:
            raise IdempotencyConflict(field=_what_differs(sold_by, content)) from None
        if stored:
            kept = OrderMetadata(order=made, data=stored)
            create_missing(OrderMetadata.objects.all(), [kept], unique=["order"])
        return newest(Order.objects.filter(pk=made.pk), *_WITH_ORDER).get()


@_readable
def get(number: str, *, store: Store | str | None = None) -> Order:
    """The project's order of this number. Raises OrderNotFound."""
    found: Order | None = (
        _orders().filter(partner=_find_store(store).partner, partner_order_no=number).first()
    )
    if found is None:
        raise OrderNotFound
    return found


@_readable
def refund(
    order: Order, amount: int | Decimal | None = None, *, number: str = "", reason: str = ""
) -> Refund:
    """Have money given back, all that is left by default; the worker submits it to the platform.

    With a ``number`` the same call again is the same refund, and one that failed goes out anew. Joins the caller's
    transaction. Raises FieldInvalid, IdempotencyConflict, InvalidOrderState, RefundTooLarge, WalletDisabled.
    """
    order.refresh_from_db(fields=["state", "refunded_amount"])
    refund_no = validate(Number(max_length=32, required=False), "number", number)
    wanted = _amount_left(order, refund_no) if amount is None else minor_units(amount, order.currency)
    if wanted <= 0:
        raise FieldInvalid(field="amount", rule=rule(NO_REFUND))
    return request_refund(
        order,
        RequestedRefund(
            refund_no=refund_no,
            amount=validate(Amount(), "amount", wanted),
            reason=reason[:80],
            cause=BY_PROJECT,
        ),
    )


def _amount_left(order: Order, refund_no: str) -> int:
    """What is neither refunded nor being refunded; for a refund that exists already its own amount."""
    if refund_no and (known := order.refunds.filter(refund_no=refund_no).first()) is not None:
        return known.amount
    reserved = order.payments.filter(is_applied=True).values_list("reserved_amount", flat=True).first()
    return order.amount - order.refunded_amount - (reserved or 0)


def close(order: Order) -> Order:
    """Close an order that is not paid; the order as it stands afterwards, since a payment wins.

    It calls the platform, and so refuses to run inside a transaction. Raises InvalidOrderState, PlatformError.
    """
    with atomic(durable=True):
        # Only to refuse a transaction of the caller's.
        pass
    return close_order(order, BY_PROJECT)


acreate = sync_to_async(create, thread_sensitive=True)
aget = sync_to_async(get, thread_sensitive=True)
arefund = sync_to_async(refund, thread_sensitive=True)
aclose = sync_to_async(close, thread_sensitive=True)


class _Decorator:
    """Works as ``@on_paid`` and as ``@on_paid(atomic=False)``."""

    def __init__(self, event: str) -> None:
        self._event = event

    def __call__(self, function: Any = None, /, *, atomic: bool = True) -> Any:
        if function is None:
            return lambda named: self._register(named, atomic=atomic)
        return self._register(function, atomic=atomic)

    def _register(self, function: _Function, *, atomic: bool) -> _Function:
        handlers.register(self._event, function, atomic=atomic)
        return function


#: the order is paid
on_paid = _Decorator(handlers.ON_PAID)
#: money of the order went back; once for each refund
on_refunded = _Decorator(handlers.ON_REFUNDED)
#: the order was closed or has expired
on_closed = _Decorator(handlers.ON_CLOSED)


_WITH_ORDER = ("store", "partner", "stored_metadata")


def _orders() -> Any:
    return Order.objects.select_related(*_WITH_ORDER)


def _find_store(store: Store | str | None) -> Store:
    stores = Store.objects.select_related("partner")
    if isinstance(store, Store):
        found = stores.get(pk=store.pk)
    elif store:
        named = stores.filter(store_no=store).first()
        if named is None:
            raise NotAuthorised(detail=rule(gettext_noop("storeNo is not an active store of this partner.")))
        found = named
    else:
        active = list(stores.filter(is_active=True, partner__is_active=True)[:2])
        if len(active) != 1:
            raise FieldInvalid(field="store", rule=rule(A_STORE, count=len(active)))
        found = active[0]
    if not (found.is_active and found.partner.is_active):
        raise NotAuthorised(detail=rule(gettext_noop("storeNo is not an active store of this partner.")))
    return found


def _what_differs(store: Store, content: OrderContent) -> str:
    """The argument that is not as it was."""
    same_number = Order.objects.filter(partner=store.partner, partner_order_no=content.partner_order_no)
    first = newest(same_number).first()
    if first is None:  # it is archived: the number is not used again, whatever the content
        return "number"
    if first.store_id != store.pk:
        return "store"
    pairs = ("entry", "amount", "currency", "title", "return_url")
    differing = [name for name in pairs if getattr(first, name) != getattr(content, name)]
    # One that any wallet could pay has by now the name of the one that paid: the fingerprint knows.
    wallets = {first.wallet, ANY_WALLET} - {content.wallet}
    if any(replace(content, wallet=name).fingerprint(store) == first.fingerprint for name in wallets):
        return "wallet"
    return differing[0] if differing else "lifetime_seconds"
