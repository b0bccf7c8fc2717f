"""The platforms' bills say what payments cost."""

from datetime import date, timedelta

import pytest

from scanforpay_django import clock
from scanforpay_django.books import bill_fees as module
from scanforpay_django.books.bill_fees import post_bill, post_next
from scanforpay_django.books.postings import post_orders
from scanforpay_django.models import BillFile, Payment, Posting, PostingMark, Store, WalletAccount
from tests.books import platform_copy
from tests.books.bills import account_of
from tests.books.fee_bills import NOON, back, bring, line
from tests.books.ledger import balances, lines, post
from tests.merchant import STORE_NO, Merchant
from tests.operations.figures.calendar import At, at, make, open_page, pay, refund, store

__all__ = ["at", "store"]
pytestmark = pytest.mark.django_db(transaction=True)
OWN = f"store:{STORE_NO}"


@pytest.fixture
def account(merchant: Merchant, store: Store, at: At) -> WalletAccount:
    """With an agreed rate, at noon of the bill's day."""
    at(NOON)
    account = account_of(merchant)
    account.fee_rate = "0.006"
    account.save()
    return account


def buy(store: Store, amount: int = 2100) -> Payment:
    payment = open_page(make(Store.objects.get(pk=store.pk), amount=amount))
    pay(payment)
    payment.refresh_from_db()
    return payment


def fees() -> dict[str, int]:
    """What is in the accounts of fees, and what lies at the platform."""
    return {name: amount for name, amount in balances().items() if not name.startswith("orders")}


def test_a_fee_that_was_expected_is_confirmed_by_one_posting(account: WalletAccount, store: Store) -> None:
    payment = buy(store)
    post()
    bill = bring(account, [line(payment, "0.12600")])
    assert post_bill(bill).posted_count == 1
    assert lines() == [
        "collected 1: orders > platform 2100",
        "fee 1: platform > fees 13",
        "fee_confirmed 1: fees > fees 13",
    ]
    assert fees() == {"fees:Wechat:# CNY": 13, "platform:Wechat:#:CNY CNY": 2087}


def test_another_fee_takes_the_place_of_the_expected_one(account: WalletAccount, store: Store) -> None:
    payment = buy(store)
    post()
    post_bill(bring(account, [line(payment, "0.21000")]))
    assert lines()[1:] == [
        "fee 1: platform > fees 13",
        "fee 2: fees > platform 13",
        "fee 3: platform > fees 21",
    ]
    assert fees() == {"fees:Wechat:# CNY": 21, "platform:Wechat:#:CNY CNY": 2079}
    assert {row.effective_at for row in Posting.objects.all()} == {payment.paid_at}


def test_what_a_bill_has_said_is_expected_no_more(account: WalletAccount, store: Store) -> None:
    payments = [buy(store) for _number in range(3)]
    post()
    bill = bring(
        account, [line(one, fee) for one, fee in zip(payments, ("0.12600", "0.21", "0"), strict=True)]
    )
    post_bill(bill)
    before = list(Posting.objects.values())
    assert post_orders([one.order_id for one in payments]) == 0
    post_bill(bill)
    post()
    assert list(Posting.objects.values()) == before
    assert fees() == {"fees:Wechat:# CNY": 34, "platform:Wechat:#:CNY CNY": 6266}


def test_a_fee_that_rounds_to_nothing_is_none(account: WalletAccount, store: Store) -> None:
    payment = buy(store)
    post()
    post_bill(bring(account, [line(payment, "0.00499")]))
    assert lines()[2:] == ["fee 2: fees > platform 13"]
    assert fees() == {"platform:Wechat:#:CNY CNY": 2100}


def test_a_fee_of_an_account_without_a_rate_is_posted(account: WalletAccount, store: Store) -> None:
    WalletAccount.objects.update(fee_rate=None)
    payment = buy(store)
    post()
    post_bill(bring(account, [line(payment, "0.12600")]))
    assert lines()[1:] == ["fee 1: platform > fees 13"]
    refund(payment, 2100)
    post()
    # Nothing was agreed, so that nothing is expected back.
    assert Posting.objects.filter(kind="fee_returned").count() == 0


def test_roundings_are_one_posting_of_the_bill(account: WalletAccount, store: Store) -> None:
    payments = [buy(store) for _number in range(5)]
    post()
    bill = bring(account, [line(one, "0.12600") for one in payments])
    post_bill(bill)
    assert lines()[-1] == "rounding:CNY 1: rounding > platform 2"
    assert fees() == {
        "fees:Wechat:# CNY": 65,
        "platform:Wechat:#:CNY CNY": 5 * 2100 - 63,
        "rounding:Wechat:# CNY": -2,
    }
    row = Posting.objects.get(cause_type="bill")
    assert (row.cause_id, row.effective_at.isoformat()) == (bill.pk, "2026-11-01T15:59:59+00:00")


def test_a_bill_that_is_issued_again_with_other_fees_is_posted_anew(
    account: WalletAccount, store: Store
) -> None:
    payments = [buy(store) for _number in range(5)]
    post()
    post_bill(bring(account, [line(one, "0.12600") for one in payments]))
    again = bring(account, [line(one, "0.10400") for one in payments])
    assert post_next()
    assert fees() == {
        "fees:Wechat:# CNY": 50,
        "platform:Wechat:#:CNY CNY": 5 * 2100 - 52,
        "rounding:Wechat:# CNY": 2,
    }
    assert Posting.objects.filter(kind="rounding:CNY").count() == 3
    third = bring(account, [line(one, "0.12600", note="3") for one in payments])
    assert post_next()
    assert fees()["fees:Wechat:# CNY"] == 65
    assert fees()["rounding:Wechat:# CNY"] == -2
    assert post_bill(again) is None
    assert BillFile.objects.get(pk=third.pk).fee_count == 5


def test_a_fee_that_comes_back_with_a_refund(account: WalletAccount, store: Store) -> None:
    payment = buy(store)
    refunds = [refund(payment, 700) for _number in range(3)]
    post()
    told = zip(refunds, ("-0.04200", "-0.02", "0"), strict=True)
    post_bill(bring(account, [line(payment, "0.12600"), *(back(one, fee) for one, fee in told)]))
    assert [one for one in lines() if one.startswith("fee_returned 1")] == [
        "fee_returned 1: fees > platform 5",
        "fee_returned 1: fees > platform 4",
        "fee_returned 1: fees > platform 4",
    ]
    assert lines()[-7:] == [
        "fee_confirmed 1: fees > fees 13",
        "fee_returned 2: platform > fees 5",
        "fee_returned 3: fees > platform 4",
        "fee_returned 2: platform > fees 4",
        "fee_returned 3: fees > platform 2",
        "fee_returned 2: platform > fees 4",
        "rounding:CNY 1: rounding > platform 1",
    ]
    assert fees() == {
        "fees:Wechat:# CNY": 13 - 4 - 2,
        "platform:Wechat:#:CNY CNY": -6,
        "rounding:Wechat:# CNY": -1,
    }


def test_a_refund_brings_back_a_part_of_the_bills_fee(account: WalletAccount, store: Store) -> None:
    payment = buy(store)
    refund(payment, 700)
    post()
    assert fees()["fees:expected:Wechat:# CNY"] == 8
    post_bill(bring(account, [line(payment, "0.30")]))
    assert fees() == {
        "fees:Wechat:# CNY": 30,
        "fees:expected:Wechat:# CNY": -10,
        "platform:Wechat:#:CNY CNY": 1380,
    }
    payment.refresh_from_db()
    refund(payment, 1400)
    post()
    assert fees() == {"fees:Wechat:# CNY": 30, "fees:expected:Wechat:# CNY": -30}


def test_of_a_payment_that_cost_nothing_nothing_comes_back(account: WalletAccount, store: Store) -> None:
    payment = buy(store)
    refund(payment, 700)
    post()
    post_bill(bring(account, [line(payment, "0")]))
    assert fees() == {"platform:Wechat:#:CNY CNY": 1400}
    payment.refresh_from_db()
    refund(payment, 700)
    post()
    assert fees() == {"platform:Wechat:#:CNY CNY": 700}


def test_a_refund_that_costs_a_fee(account: WalletAccount, store: Store) -> None:
    payment = buy(store)
    one = refund(payment, 700)
    post()
    post_bill(bring(account, [back(one, "0.05")]))
    assert lines()[-2:] == ["fee_returned 2: platform > fees 5", "fee_returned 3: platform > fees 5"]


def test_what_is_not_posted_yet_is_looked_at_again(account: WalletAccount, store: Store, at: At) -> None:
    payment = buy(store)
    bill = bring(account, [line(payment, "0.12600")])
    assert post_next()
    assert lines() == []
    post()
    assert post_next() is None
    at("2026-11-01 13:00:01")
    assert post_next()
    bill.refresh_from_db()
    assert (bill.fee_count, bill.fees_due_at) == (1, None)
    assert fees()["fees:Wechat:# CNY"] == 13


def test_lines_of_others_are_looked_at_for_ten_days(account: WalletAccount, store: Store, at: At) -> None:
    foreign = Payment(out_trade_no="somebody-elses", trade_no="t1", paid_amount=2100, pk=1)
    bill = bring(account, [line(foreign, "0.12600")])
    looks = 0
    for hour in range(24 * 14):
        at(f"2026-11-{1 + (12 + hour) // 24:02} {(12 + hour) % 24:02}:00:01")
        looks += post_next() is not None
    assert looks == 24 + 10
    bill.refresh_from_db()
    assert (bill.fee_count, bill.fees_due_at, Posting.objects.count()) == (0, None, 0)


def test_another_accounts_payment_is_left_alone(account: WalletAccount, store: Store) -> None:
    payment = open_page(make(store, wallet="Alipay"))
    pay(payment)
    post()
    payment.refresh_from_db()
    post_bill(bring(account, [line(payment, "0.12600")]))
    assert Posting.objects.filter(kind="fee").count() == 0


def test_reversals_and_failed_refunds_have_no_fee(account: WalletAccount, store: Store) -> None:
    payment = buy(store)
    one = refund(payment, 700)
    post()
    before = lines()
    reversal = (
        line(payment, "0.20").replace("`SUCCESS", "`REVOKED").replace("`0.00,`0.00,`,", "`21.00,`0.00,`,")
    )
    post_bill(bring(account, [back(one, "-0.99", state="FAIL"), reversal]))
    assert lines() == before


def test_a_bill_larger_than_a_block(
    account: WalletAccount, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TOGETHER", 3)
    monkeypatch.setattr(module, "ONE_BY_ONE", 1)
    payments = [buy(store) for _number in range(10)]
    post()
    told = ["0.12600", "0.13400", "0.20", "0"] * 3
    bill = bring(account, [line(one, fee) for one, fee in zip(payments, told, strict=False)])
    tally = post_bill(bill)
    assert (tally.line_count, tally.posted_count) == (10, 10)
    # Exactly 3 * (12.6 + 13.4) + 2 * 20.
    assert fees() == {"fees:Wechat:# CNY": 118, "platform:Wechat:#:CNY CNY": 21000 - 118}


def test_a_bill_in_yen(account: WalletAccount, store: Store) -> None:
    payment = open_page(make(Store.objects.get(pk=store.pk), amount=250, currency="JPY"))
    pay(payment)
    payment.refresh_from_db()
    post()
    post_bill(bring(account, [line(payment, "1.50000", yuan="250", currency="JPY")]))
    assert fees() == {"fees:Wechat:# JPY": 2, "platform:Wechat:#:JPY JPY": 248}


def test_a_bill_that_is_read_again_after_orders_were_archived_keeps_its_rounding(
    account: WalletAccount, store: Store
) -> None:
    payments = [buy(store) for _number in range(5)]
    post()
    bill = bring(account, [line(one, "0.12600") for one in payments])
    post_bill(bill)
    before = lines()
    # As if it were archived.
    Payment.objects.filter(pk=payments[0].pk).update(out_trade_no="archived")
    BillFile.objects.update(fees_posted_at=None)
    assert post_next()
    assert lines() == before
    bill.refresh_from_db()
    assert bill.fee_count == 5


def test_a_dead_workers_turn_ends(account: WalletAccount, store: Store, at: At) -> None:
    buy(store)
    post()
    bring(account, [line(Payment.objects.get(), "0.12600")])
    assert PostingMark.objects.take_turn("bills", timedelta(minutes=2))
    assert post_next() is None
    PostingMark.objects.filter(name="bills").update(at=clock.now() - timedelta(minutes=3))
    assert post_next()


def test_a_bill_that_fails_keeps_no_other_from_being_posted(
    account: WalletAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in (date(2026, 11, 26), date(2026, 11, 27)):
        platform_copy.bring_empty(account, day)
    first = BillFile.objects.earliest("pk")
    real = module.post_bill

    def fail(bill: BillFile) -> object:
        if bill == first:
            raise OSError("the disk is full")
        return real(bill)

    monkeypatch.setattr(module, "post_bill", fail)
    with pytest.raises(OSError, match="disk"):
        post_next()
    done = post_next()
    assert done is not None
    assert done[0] != first
    assert post_next() is None
