"""Lines of payments against payments."""

from datetime import date

import pytest

from scanforpay_django.models import Difference, Order, Payment, Store, WalletAccount
from tests.books.platform_copy import (
    Bill,
    bring,
    bring_empty,
    differences,
    foreign_line,
    line_of,
    payment_of,
    refund_of,
    unpaid_of,
)

pytestmark = pytest.mark.django_db(transaction=True)
DAY, BEFORE, AFTER = date(2026, 11, 27), date(2026, 11, 26), date(2026, 11, 28)


def test_what_agrees_is_no_difference(account: WalletAccount) -> None:
    bring_empty(account, BEFORE, AFTER)
    payments = [payment_of(account, f"2026-11-27 10:{minute:02}", amount=100 + minute) for minute in range(5)]
    day = bring(account, Bill(DAY).add(*map(line_of, payments), foreign_line("2026-11-27 11:00")))
    assert differences() == []
    assert (day.state, day.is_waiting_for_neighbours) == ("compared", False)
    assert day.totals == {"CNY": {"payments": 6, "paid": 1010, "refunds": 0, "refunded": 0}}
    assert day.foreign_totals == {"CNY": {"payments": 1, "paid": 500, "refunds": 0, "refunded": 0}}


def test_paid_there_and_not_here(account: WalletAccount) -> None:
    opened, closed = (unpaid_of(account, state) for state in (Payment.State.OPEN, Payment.State.CLOSED))
    bring(account, Bill(DAY).add(line_of(opened), line_of(closed)))
    assert differences() == [
        "27 paid_there_closed_here state: closed / SUCCESS",
        "27 paid_there_open_here state: open / SUCCESS",
    ]


def test_another_amount_currency_and_number(account: WalletAccount) -> None:
    one, two, three = (payment_of(account, f"2026-11-27 10:0{n}") for n in range(3))
    bring(
        account,
        Bill(DAY).add(
            line_of(one, amount=2000), line_of(two, currency="USD"), line_of(three, trade_no="4200009")
        ),
    )
    assert differences() == [
        "27 amount amount: 21.00 / 20.00",
        "27 currency currency: CNY / USD",
        f"27 number trade_no: {three.trade_no} / 4200009",
    ]
    assert Difference.objects.get(kind="amount").amount == -100


def test_an_order_that_is_paid_twice(account: WalletAccount) -> None:
    first = payment_of(account, "2026-11-27 10:00")
    second = unpaid_of(account, Payment.State.CLOSED, first.order)
    bring(account, Bill(DAY).add(line_of(first), line_of(second)))
    assert differences() == ["27 double_payment state: closed / SUCCESS"]


def test_a_second_payment_that_was_refunded_is_none(account: WalletAccount) -> None:
    first = payment_of(account, "2026-11-27 10:00")
    second = payment_of(account, "2026-11-27 10:01", order=first.order, is_applied=False, is_unapplied=True)
    bill = Bill(DAY).add(line_of(first), line_of(second))
    bring(account, bill)
    assert differences() == ["27 double_payment order: paid twice / SUCCESS"]
    refund_of(second, 2100, "2026-11-27 10:02", kind="duplicate")
    bring(account, bill)
    assert differences() == []


def test_the_same_number_twice(account: WalletAccount) -> None:
    payment = payment_of(account, "2026-11-27 10:00")
    bring(account, Bill(DAY).add(line_of(payment), line_of(payment)))
    assert differences() == ["27 duplicate_line lines: 1 / 2"]


@pytest.mark.parametrize("days", [(DAY, AFTER), (AFTER, DAY)])
def test_the_same_number_on_two_days_whichever_comes_first(
    account: WalletAccount, days: tuple[date, ...]
) -> None:
    bring_empty(account, BEFORE)
    payment = payment_of(account, "2026-11-27 23:59:59")
    bills = {DAY: Bill(DAY).add(line_of(payment))}
    bills[AFTER] = Bill(AFTER).add(line_of(payment, at=payment.paid_at.replace(day=28)))
    for day in days:
        bring(account, bills[day])
    assert differences() == ["28 duplicate_line day: 2026-11-27 / 2026-11-28"]


def test_a_payment_of_midnight_is_none(account: WalletAccount) -> None:
    """Ours is of the 27th, theirs of the 28th."""
    bring_empty(account, BEFORE)
    payment = payment_of(account, "2026-11-27 23:59:59.9")
    bring(account, Bill(DAY).add(foreign_line("2026-11-27 11:00")))
    assert differences() == []
    bring(account, Bill(AFTER).add(line_of(payment, at=payment.paid_at.replace(day=28, hour=0))))
    assert differences() == []


def test_reversed_there(account: WalletAccount) -> None:
    payment = payment_of(account, "2026-11-27 10:00")
    closed = unpaid_of(account, Payment.State.CLOSED)
    bring(
        account,
        Bill(DAY).add(
            line_of(payment),
            line_of(payment, state="REVOKED"),
            line_of(closed),
            line_of(closed, state="REVOKED"),
        ),
    )
    assert differences() == ["27 revoked_there state: paid / REVOKED"]


def test_another_sub_merchant(account: WalletAccount) -> None:
    account.config = {**account.config, "sub_mchid": "1900000109"}
    account.save()
    own, wrong = (payment_of(account, f"2026-11-27 10:0{n}") for n in range(2))
    bring(
        account,
        Bill(DAY).add(line_of(own, sub_mchid="1900000109"), line_of(wrong, sub_mchid="1900000110")),
    )
    assert differences() == ["27 party sub-merchant: 1900000109 / 1900000110"]


def test_a_payment_of_another_merchant_number(account: WalletAccount, store: Store) -> None:
    other = store.wallet_accounts.get(wallet="Alipay")
    payment = payment_of(other, "2026-11-27 10:00")
    bring(account, Bill(DAY).add(line_of(payment)))
    assert [one.kind for one in Difference.objects.open()] == ["party"]


def test_a_payment_that_was_applied_meanwhile_is_closed_by_its_cause(account: WalletAccount) -> None:
    payment = unpaid_of(account, Payment.State.OPEN)
    bill = Bill(DAY).add(line_of(payment))
    bring(account, bill)
    assert len(differences()) == 1
    Payment.objects.filter(pk=payment.pk).update(
        state=Payment.State.PAID,
        paid_amount=2100,
        paid_currency="CNY",
        paid_at=bill.lines[0].at,
        trade_no=bill.lines[0].trade_no,
        is_applied=True,
    )
    Order.objects.filter(pk=payment.order_id).update(state=Order.State.PAID)
    bring(account, bill)
    assert differences() == []
    assert Difference.objects.get().reason == "The bill and the books agree now."
