"""What orders, payments and refunds come to in the ledger."""

from decimal import Decimal

import pytest

from scanforpay_django.books.postings import post_orders
from scanforpay_django.flows.accept_late import accept_late_payment
from scanforpay_django.flows.import_platform_refund import import_refund
from scanforpay_django.models import Order, Payment, Posting, Refund, Store, WalletAccount
from scanforpay_django.wallets.base import RefundResult, RefundState
from tests.books.ledger import balances, lines, post
from tests.causes import NOTIFICATION, STAFF
from tests.merchant import STORE_NO, Merchant
from tests.operations.figures.calendar import At, at, make, open_page, pay, store
from tests.operations.figures.calendar import refund as refunded
from tests.paid_order import order, quick, refund
from tests.scripted import Platform, platform

__all__ = ["at", "order", "platform", "quick", "store"]
pytestmark = pytest.mark.django_db
OWN = f"store:{STORE_NO}"


def agree(rate: str) -> None:
    WalletAccount.objects.update(fee_rate=Decimal(rate))


def test_a_payment_and_a_refund_in_part(merchant: Merchant, order: Order) -> None:
    refund(merchant, "r1", 700)
    post()
    assert lines() == [
        "collected 1: orders > platform 2100",
        "requested 1: refunds_on_their_way > orders 700",
        "refunded 1: platform > refunds_on_their_way 700",
    ]
    assert balances() == {f"orders:{OWN} CNY": -1400, "platform:Wechat:#:CNY CNY": 1400}


def test_posting_again_changes_nothing(merchant: Merchant, order: Order) -> None:
    refund(merchant, "r1", 700)
    post()
    before = list(Posting.objects.values())
    assert post_orders([order.pk]) == 0
    post()
    assert list(Posting.objects.values()) == before


def test_a_refund_on_its_way_has_an_account_of_its_own(store: Store, at: At) -> None:
    at("2026-11-27 10:00")
    payment = open_page(make(store))
    pay(payment)
    payment.refresh_from_db()
    refunded(payment, 700, state=Refund.State.PROCESSING, finished_at=None)
    post()
    assert balances() == {
        f"orders:{OWN} CNY": -1400,
        "platform:Wechat:#:CNY CNY": 2100,
        "refunds_on_their_way:Wechat:# CNY": -700,
    }


def test_a_refund_that_fails_is_reversed_and_booked_anew_when_it_goes_out_again(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    import_refund(order.payments.get(), _console(RefundState.PROCESSING), NOTIFICATION)
    post()
    import_refund(order.payments.get(), _console(RefundState.CLOSED), NOTIFICATION)
    post()
    assert lines()[1:] == [
        "requested 1: refunds_on_their_way > orders 700",
        "requested 2: orders > refunds_on_their_way 700",
    ]
    reversal = Posting.objects.get(revision=2)
    assert reversal.reverses == Posting.objects.get(kind="requested", revision=1)
    assert reversal.effective_at == Refund.objects.get().finished_at
    import_refund(order.payments.get(), _console(RefundState.SUCCEEDED), NOTIFICATION)
    post()
    assert lines()[3:] == [
        "requested 3: refunds_on_their_way > orders 700",
        "refunded 1: platform > refunds_on_their_way 700",
    ]
    # On no day is more on its way than there was.
    assert Posting.objects.get(revision=3).effective_at == reversal.effective_at


def _console(state: RefundState) -> RefundResult:
    return RefundResult(out_refund_no="console", state=state, amount=700, refund_id="id", out_trade_no="t")


def test_a_second_payment_is_overpaid_until_it_goes_back(store: Store, at: At) -> None:
    Store.objects.update(duplicate_payment=Store.DuplicatePayment.KEEP)
    at("2026-11-27 10:00")
    one = make(Store.objects.get())
    first, second = open_page(one), open_page(one)
    pay(first)
    pay(second)
    post()
    assert balances() == {
        f"orders:{OWN} CNY": -2100,
        f"overpaid:{OWN} CNY": -2100,
        "platform:Wechat:#:CNY CNY": 4200,
    }
    second.refresh_from_db()
    refunded(second, 2100, kind=Refund.Kind.DUPLICATE)
    post()
    assert balances() == {f"orders:{OWN} CNY": -2100, "platform:Wechat:#:CNY CNY": 2100}


def test_a_late_payment_that_is_accepted_is_moved_by_a_reversal(store: Store, at: At) -> None:
    Store.objects.update(late_payment=Store.LatePayment.KEEP)
    agree("0.006")
    at("2026-11-27 10:00")
    one = make(Store.objects.get())
    payment = open_page(one)
    Order.objects.update(state=Order.State.CLOSED)
    pay(payment)
    post()
    assert balances()[f"unapplied:{OWN} CNY"] == -2100
    at("2026-11-28 10:00")
    payment.refresh_from_db()
    accept_late_payment(payment, STAFF)
    post()
    assert lines() == [
        "collected 1: unapplied > platform 2100",
        "fee 1: platform > fees 13",
        "collected 2: platform > unapplied 2100",
        "collected 3: orders > platform 2100",
    ]
    # Days that a platform's bill is compared with stay as they were.
    assert {row.effective_at for row in Posting.objects.all()} == {payment.paid_at}


@pytest.mark.parametrize(
    ("currency", "amount", "rate", "fee"),
    [
        ("CNY", 2100, "0.006", 13),
        ("CNY", 2050, "0.01", 21),
        ("CNY", 2049, "0.01", 20),
        ("CNY", 1, "0.006", 0),
        ("JPY", 250, "0.006", 2),
        ("JPY", 249, "0.006", 1),
    ],
)
def test_the_expected_fee_is_half_up_at_the_minor_unit(
    store: Store, currency: str, amount: int, rate: str, fee: int
) -> None:
    agree(rate)
    pay(open_page(make(store, currency=currency, amount=amount)))
    post()
    assert balances().get(f"fees:expected:Wechat:# {currency}", 0) == fee
    assert balances()[f"platform:Wechat:#:{currency} {currency}"] == amount - fee


def test_refunds_bring_back_the_whole_fee_and_no_more(store: Store) -> None:
    agree("0.006")
    payment = open_page(make(store))
    pay(payment)
    post()
    for number in range(3):
        payment.refresh_from_db()
        refunded(payment, 700)
        post()
        assert Posting.objects.filter(kind="fee_returned").count() == number + 1
    assert balances() == {}


def test_a_rate_holds_for_payments_that_are_booked_after_it_was_agreed(store: Store) -> None:
    before, after = open_page(make(store)), open_page(make(store))
    pay(before)
    post()
    agree("0.006")
    pay(after)
    before.refresh_from_db()
    refunded(before, 700)
    post()
    assert list(Posting.objects.filter(kind="fee").values_list("cause_id", "amount")) == [(after.pk, 13)]
    agree("0.01")
    after.refresh_from_db()
    refunded(after, 2100)
    post()
    assert balances() == {f"orders:{OWN} CNY": -1400, "platform:Wechat:#:CNY CNY": 1400}


def test_what_was_not_paid_is_not_in_the_ledger(merchant: Merchant, platform: Platform) -> None:
    merchant.create()
    post()
    assert Payment.objects.count() + Posting.objects.count() == 0
