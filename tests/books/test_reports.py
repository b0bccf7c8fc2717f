"""A month of the ledger."""

from dataclasses import astuple

import pytest

from scanforpay_django.books.bill_fees import post_bill
from scanforpay_django.books.reports import Period, Sums, read_report
from scanforpay_django.flows.accept_late import accept_late_payment
from scanforpay_django.models import Order, Store
from tests.books.bills import account_of
from tests.books.fee_bills import NOON, bring, line
from tests.books.ledger import post
from tests.books.story import tell
from tests.causes import STAFF
from tests.merchant import Merchant
from tests.operations.figures.calendar import At, at, make, open_page, pay, store

__all__ = ["at", "store"]
pytestmark = pytest.mark.django_db
NOVEMBER = Period.month(2026, 11)


def show(period: Period = NOVEMBER, store_no: str = "") -> dict[str, tuple[object, ...]]:
    """gross, unapplied, refunds, fees (None: not known), net, payments, refunds, payments without a fee,
    expected fees"""
    return {
        f"{row.day} {row.account.wallet} {row.currency}": (
            row.sums.gross,
            row.sums.unapplied,
            row.sums.refunds,
            row.sums.fees if row.sums.has_fees else None,
            row.sums.net,
            row.sums.payment_count,
            row.sums.refund_count,
            row.sums.without_fee,
            row.sums.expected_count,
        )
        for row in read_report(period, store_no)
    }


def test_each_day_account_and_currency(store: Store, at: At) -> None:
    tell(store, at)
    post()
    assert show() == {
        "2026-11-01 Wechat CNY": (2100, 0, 0, 13, 2087, 1, 0, 0, 1),
        "2026-11-01 Wechat JPY": (250, 0, 0, 2, 248, 1, 0, 0, 1),
        "2026-11-01 Alipay CNY": (1999, 0, 0, None, 1999, 1, 0, 1, 0),
        # of the fee of 13, 5 came back with 7.01
        "2026-11-02 Wechat CNY": (4200, 2100, 701, 21, 3478, 2, 2, 0, 2),
        "2026-11-30 Wechat CNY": (0, 0, 2100, -13, -2087, 0, 1, 0, 0),
    }
    assert show(Period.month(2026, 10)) == {"2026-10-31 Wechat CNY": (2100, 0, 0, 13, 2087, 1, 0, 0, 1)}
    assert show(Period.month(2026, 12)) == {}


def test_the_day_is_the_stores_or_the_platforms(store: Store, at: At) -> None:
    tell(store, at)
    post()
    Store.objects.update(timezone="Asia/Tokyo")
    assert show()["2026-11-01 Wechat CNY"][0] == 4200
    assert show(Period.month(2026, 11, is_platform_day=True))["2026-11-01 Wechat CNY"][0] == 2100


def test_one_store(store: Store, at: At) -> None:
    tell(store, at)
    post()
    assert len(show(store_no=store.store_no)) == 5
    assert show(store_no="another") == {}


def test_what_is_reversed_is_not_counted(store: Store, at: At) -> None:
    Store.objects.update(late_payment=Store.LatePayment.KEEP)
    at("2026-11-27 10:00")
    payment = open_page(make(Store.objects.get()))
    Order.objects.update(state=Order.State.CLOSED)
    pay(payment)
    post()
    assert show()["2026-11-27 Wechat CNY"][:2] == (2100, 2100)
    at("2026-11-28 10:00")
    payment.refresh_from_db()
    accept_late_payment(payment, STAFF)
    post()
    assert show() == {"2026-11-27 Wechat CNY": (2100, 0, 0, None, 2100, 1, 0, 1, 0)}


@pytest.mark.parametrize(("month", "last"), [(2, "2028-02-29"), (12, "2028-12-31")])
def test_a_month_ends_with_its_last_day(month: int, last: str) -> None:
    assert Period.month(2028, month).last.isoformat() == last


def test_days_are_added_up() -> None:
    one, other = Sums(gross=5, payment_count=1), Sums(gross=7, fees=1, has_fees=True, payment_count=2)
    one.merge(other)
    assert astuple(one) == (12, 0, 0, 1, 3, 0, 0, 0, True)


@pytest.mark.django_db(transaction=True)
def test_a_bills_fees_take_the_place_of_the_expected_ones(merchant: Merchant, store: Store, at: At) -> None:
    at(NOON)
    merchant.store.wallet_accounts.update(fee_rate="0.006")
    payments = [open_page(make(Store.objects.get(pk=store.pk))) for _number in range(4)]
    for payment in payments:
        pay(payment)
        payment.refresh_from_db()
    post()
    assert show() == {"2026-11-01 Wechat CNY": (8400, 0, 0, 52, 8348, 4, 0, 0, 4)}
    told = ("0.12600", "0.12600", "0.30400", "0")
    bill = bring(
        account_of(merchant), [line(one, fee) for one, fee in zip(payments[:3], told[:3], strict=True)]
    )
    post_bill(bill)
    # 13, 13, 30, and 13 that is expected; the bill's own total is 55.6.
    assert show() == {"2026-11-01 Wechat CNY": (8400, 0, 0, 69, 8331, 4, 0, 0, 1)}
    post_bill(bring(bill.account, [line(one, fee) for one, fee in zip(payments, told, strict=True)]))
    assert show() == {"2026-11-01 Wechat CNY": (8400, 0, 0, 56, 8344, 4, 0, 1, 0)}
