"""A shop's two days: two currencies, refunds in part, a second payment, a refund that failed, one on its way."""

from decimal import Decimal

from scanforpay_django.models import Payment, Refund, Store, WalletAccount
from tests.operations.figures.calendar import At, make, open_page, pay
from tests.operations.figures.calendar import refund as refunded

FEE_RATE = Decimal("0.006")


def tell(store: Store, at: At) -> None:
    """The store is in Shanghai; its second account has no agreed rate."""
    Store.objects.update(duplicate_payment=Store.DuplicatePayment.KEEP)
    WalletAccount.objects.filter(store=store, wallet="Wechat").update(fee_rate=FEE_RATE)
    store = Store.objects.get(pk=store.pk)
    at("2026-10-31 23:59:59")
    _buy(store)
    at("2026-11-01 00:00:00")
    first = _buy(store)
    _buy(store, currency="JPY", amount=250)
    _buy(store, wallet="Alipay", amount=1999)
    at("2026-11-02 12:00:00")
    order = make(store)
    one, two = open_page(order), open_page(order)
    pay(one)
    pay(two)
    refund(first, 700)
    refund(first, 1)
    refund(first, 300, state=Refund.State.FAILED)
    refund(one, 100, state=Refund.State.PROCESSING, finished_at=None)
    at("2026-11-30 23:00:00")
    refund(two, 2100, kind=Refund.Kind.DUPLICATE)


def _buy(store: Store, **columns: object) -> Payment:
    payment = open_page(make(store, **columns))
    pay(payment)
    return payment


def refund(payment: Payment, amount: int, **columns: object) -> Refund:
    payment.refresh_from_db()
    return refunded(payment, amount, **columns)
