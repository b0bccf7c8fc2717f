"""Bill, books and notification side by side."""

from datetime import date
from decimal import Decimal

import pytest

from scanforpay_django.models import BillLine, Difference, Notification, Store, WalletAccount
from scanforpay_django.operations.reconciliation.beside import Beside, put_beside, show_fee
from scanforpay_django.operations.staff_scope import Scope
from tests.admin.reconciliation import make_scene
from tests.books.platform_copy import (
    Bill,
    account_of,
    bring,
    bring_empty,
    line_of,
    line_of_refund,
    payment_of,
    refund_of,
)
from tests.operations.figures.calendar import At, at, store

__all__ = ["at", "store"]
pytestmark = pytest.mark.django_db(transaction=True)
ALL = Scope(sees_all=True)
DAY = date(2026, 11, 27)


@pytest.fixture
def account(store: Store, at: At) -> WalletAccount:
    at("2026-11-30 12:00")
    return account_of(store)


def beside(kind: str) -> Beside:
    return put_beside(Difference.objects.select_related("day").get(kind=kind), ALL)


def test_another_amount(account: WalletAccount) -> None:
    account.fee_rate = Decimal("0.006")
    account.save()
    payment = payment_of(account, "2026-11-27 10:00")
    bring(account, Bill(DAY).add(line_of(payment, amount=2000)))
    found = beside("amount")
    assert (found.bill.amount, found.here.amount, found.differs_in) == (2000, 2100, "amount")
    assert found.same == {payment.out_trade_no, payment.trade_no}
    assert (show_fee(found.bill), show_fee(found.here)) == ("CNY 0.12", "CNY 0.13")
    BillLine.objects.all().delete()
    assert show_fee(beside("amount").bill) == ""


def test_a_refund_with_its_notification(account: WalletAccount) -> None:
    payment = payment_of(account, "2026-11-27 09:00")
    refund = refund_of(payment, 700, "2026-11-27 10:00")
    order = payment.order
    order.notify_url = "https://shop.example/n"
    order.save()
    Notification.objects.create(
        order=order,
        partner=order.partner,
        refund=refund,
        kind="refund",
        url=order.notify_url,
        state="delivered",
    )
    bring(account, Bill(DAY).add(line_of(payment), line_of_refund(refund, amount=500)))
    found = beside("refund_amount")
    assert (found.bill.amount, found.here.amount) == (500, 700)
    assert (found.here.state, found.notified.state) == ("succeeded", "delivered")
    assert refund.out_refund_no in found.same


def test_what_is_missing_in_the_bill(account: WalletAccount) -> None:
    payment = payment_of(account, "2026-11-27 10:00")
    bring_empty(account, date(2026, 11, 26), date(2026, 11, 27), date(2026, 11, 28))
    found = beside("missing_there")
    assert (found.bill.amount, found.bill.numbers) == (None, [payment.trade_no])
    assert (found.here.moment, found.here.moment_word) == (payment.paid_at, "")


def test_an_order_that_ended_says_when(store: Store, at: At) -> None:
    at("2026-11-28 12:00")
    scene = make_scene(store)
    found = beside("paid_there_closed_here")
    assert found.here.moment_word == "payment begun"
    order = scene.late.order
    order.events.create(from_state="pending", to_state="closed", source="staff")
    found = beside("paid_there_closed_here")
    assert (found.here.moment_word, found.here.moment) == ("order ended", order.events.last().at)


def test_of_a_whole_bill_there_is_nothing(store: Store, at: At) -> None:
    at("2026-11-28 12:00")
    make_scene(store)
    assert beside("fee_rate").is_empty
    assert not beside("refund_unknown").is_empty


def test_other_peoples_orders_are_left_out(store: Store, at: At) -> None:
    at("2026-11-28 12:00")
    make_scene(store)
    row = Difference.objects.select_related("day").get(kind="paid_there_closed_here")
    found = put_beside(row, Scope())
    assert (found.order, found.payment, found.here.numbers) == (None, None, [])
