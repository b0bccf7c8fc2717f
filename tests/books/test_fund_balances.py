"""Days of an account at the platform, by its fund bill."""

import io
from collections.abc import Sequence
from pathlib import Path

import pytest

from scanforpay_django.books.beancount import write_beancount
from scanforpay_django.books.bill_fees import post_bill
from scanforpay_django.books.fetch_bill import import_bill
from scanforpay_django.books.fund_balances import FundBalance, find_fund_balances
from scanforpay_django.books.keep_bill import BillOf
from scanforpay_django.models import Payment, Posting, Refund, Store, WalletAccount
from tests.bean_check import bean_check
from tests.books.bills import account_of
from tests.books.fee_bills import DAY, NOON, back, bring, line
from tests.books.ledger import post
from tests.merchant import Merchant
from tests.operations.figures.calendar import At, at, make, open_page, pay, refund, store
from tests.wallets.bills.samples import FUND_HEAD, FUND_TOTALS, text, tick

__all__ = ["at", "store"]
pytestmark = pytest.mark.django_db(transaction=True)

#: number, 收入 or 支出, yuan
Movement = tuple[str, str, str]


@pytest.fixture
def account(merchant: Merchant, store: Store, at: At) -> WalletAccount:
    at(NOON)
    merchant.store.wallet_accounts.update(fee_rate="0.006")
    return account_of(merchant)


def sell(account: WalletAccount, fees: Sequence[str] = ("0.12600", "0.12600")) -> list[Payment]:
    """Payments of 21.00 whose fees a bill has said."""
    payments = [open_page(make(Store.objects.get(pk=account.store_id))) for _fee in fees]
    for payment in payments:
        pay(payment)
        payment.refresh_from_db()
    post()
    post_bill(bring(account, [line(one, fee) for one, fee in zip(payments, fees, strict=True)]))
    return payments


def bring_funds(account: WalletAccount, movements: Sequence[Movement]) -> None:
    lines = [
        tick(NOON, number, f"{place:010}", "交易", "交易", way, yuan, "100.00", "system", "", "")
        for place, (number, way, yuan) in enumerate(movements)
    ]
    totals = tick(str(len(movements)), "0", "0.00", "0", "0.00")
    of = BillOf(account=account, bill_type="fund", first_day=DAY, last_day=DAY)
    bill = import_bill(of, io.BytesIO(text(FUND_HEAD, *lines, FUND_TOTALS, totals)), by="ann")
    assert (bill.state, bill.unread_count) == ("read", 0)


def sold(payments: Sequence[Payment], fee: str = "0.13") -> list[Movement]:
    return [
        movement
        for one in payments
        for movement in ((one.trade_no, "收入", "21.00"), (one.trade_no, "支出", fee))
    ]


def export() -> str:
    return "\n".join(write_beancount(Posting.objects.all())) + "\n"


def test_a_day_whose_movements_are_all_ours_is_asserted(account: WalletAccount, tmp_path: Path) -> None:
    bring_funds(account, sold(sell(account)))
    (found,) = find_fund_balances()
    # Two times 21.00 less 0.13; the bill's exact fees are 0.252.
    assert (found.day, found.amount, found.tolerance) == (DAY, 4174, 1)
    assert f"2026-11-02 balance Assets:Platform:Wechat:{account.pk}:CNY 41.74 ~ 0.01 CNY" in export()
    assert bean_check(tmp_path / "ledger.beancount", export()) == ""


def test_fees_that_are_not_the_fund_bills_are_found(account: WalletAccount, tmp_path: Path) -> None:
    bring_funds(account, sold(sell(account), fee="0.31"))
    assert "Balance failed" in bean_check(tmp_path / "wrong.beancount", export())


def test_refunds_are_in_it(account: WalletAccount, tmp_path: Path) -> None:
    payments = sell(account)
    one = refund(payments[0], 700, refund_id="5030001")
    post()
    said = [*(line(paid, "0.12600") for paid in payments), back(one, "-0.04")]
    post_bill(bring(account, said))
    bring_funds(account, [*sold(payments), ("5030001", "支出", "6.96")])
    (found,) = find_fund_balances()
    assert found.amount == 4174 - 696
    assert bean_check(tmp_path / "ledger.beancount", export()) == ""


@pytest.mark.parametrize("what", ["withdrawal", "missing"])
def test_a_day_with_movements_of_others_is_left_out(
    account: WalletAccount, tmp_path: Path, what: str
) -> None:
    payments = sell(account)
    movements = {
        "withdrawal": [*sold(payments), ("withdrawn", "支出", "40.00")],
        "missing": sold(payments[:1]),
    }
    bring_funds(account, movements[what])
    (found,) = find_fund_balances()
    assert found.amount is None
    counts = {
        "withdrawal": "1 of its movements are not in the ledger's day, and 0",
        "missing": "and 1 are not",
    }
    assert counts[what] in found.reason
    assert f"; Assets:Platform:Wechat:{account.pk}:CNY: the fund bill of 2026-11-01" in export()
    assert bean_check(tmp_path / "ledger.beancount", export()) == ""


def test_a_day_whose_fees_are_only_expected_is_left_out(account: WalletAccount) -> None:
    payment = open_page(make(Store.objects.get(pk=account.store_id)))
    pay(payment)
    payment.refresh_from_db()
    post()
    bring_funds(account, sold([payment]))
    (found,) = find_fund_balances()
    assert isinstance(found, FundBalance)
    assert found.reason == "no bill has said its fees"
    assert Refund.objects.count() == 0
