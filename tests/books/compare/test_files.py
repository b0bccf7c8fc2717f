"""What is wrong with a file itself."""

import gzip
import io
from datetime import date, datetime, timedelta

import pytest

from scanforpay_django.books.bill_merchants import find_merchant
from scanforpay_django.books.keep_bill import BillOf, keep_bill
from scanforpay_django.books.read_bill import read_bill
from scanforpay_django.books.reconcile import compare_file
from scanforpay_django.models import BillFile, Difference, WalletAccount
from scanforpay_django.wallets.bills.bill_type import FetchedBill
from tests.books.platform_copy import Bill, bring, differences, foreign_line
from tests.wallets.bills.samples import FUND_HEAD, FUND_TOTALS, MCHID, text, tick

pytestmark = pytest.mark.django_db(transaction=True)
DAY = date(2026, 11, 27)


def a_bill() -> Bill:
    return Bill(DAY).add(foreign_line("2026-11-27 10:00"), foreign_line("2026-11-27 11:00"))


def test_a_line_that_does_not_read_is_named(account: WalletAccount) -> None:
    raw = a_bill().trade().replace(b"`SUCCESS", b"`PAYERROR", 1)
    bring(account, a_bill(), raw)
    unread = Difference.objects.get(kind="line_unread")
    assert (unread.details["line"], unread.field, unread.theirs) == (2, "交易状态", "PAYERROR")


def test_totals(account: WalletAccount) -> None:
    bring(account, a_bill(), a_bill().trade(fees="9.99999", count="5"))
    assert differences() == [
        "27 bill_broken 总交易单数: 2 / 5",
        "27 fee_sum 手续费总金额: 0.06000 / 9.99999",
    ]


def test_a_line_of_another_merchant(account: WalletAccount) -> None:
    bring(account, a_bill().add(foreign_line("2026-11-27 12:00", mchid="1900009999")))
    assert differences() == [f"27 party 商户号: {MCHID} / 1900009999"]


def publish(account: WalletAccount, bill: Bill) -> None:
    """As it comes from the platform's API."""
    of = BillOf(account=account, bill_type="trade", first_day=bill.day, last_day=bill.day)
    raw = io.BytesIO(gzip.compress(bill.trade(), mtime=0))
    kept = keep_bill(of, raw, source=BillFile.Source.API, fetched=FetchedBill())
    compare_file(find_merchant(account), read_bill(kept))


def test_a_bill_that_was_published_again(account: WalletAccount) -> None:
    bill = a_bill()
    publish(account, bill)
    publish(account, bill)
    assert differences() == []
    publish(account, bill.add(foreign_line("2026-11-27 12:00")))
    assert differences() == ["27 bill_changed lines: 2 / 3"]


def fund_bill(*balances: str) -> bytes:
    begin = datetime(2026, 11, 27, 10)
    rows = [
        tick(
            f"{begin + timedelta(minutes=number):%Y-%m-%d %H:%M:%S}", "wx-1", f"420000{number}", "订单入账", "交易",
            "收入", "10.00", balance, "operator", "", "T100",
        )
        for number, balance in enumerate(balances)
    ]  # fmt: skip
    totals = tick(str(len(rows)), str(len(rows)), f"{10 * len(rows)}.00", "0", "0.00")
    return text(tick(*FUND_HEAD.split(",")), *rows, tick(*FUND_TOTALS.split(",")), totals)


def test_a_balance_that_adds_up(account: WalletAccount) -> None:
    bring(account, Bill(DAY), fund_bill("110.00", "120.00", "130.00"), "fund")
    assert differences() == []


def test_a_balance_that_does_not(account: WalletAccount) -> None:
    bring(account, Bill(DAY), fund_bill("110.00", "125.00", "135.00"), "fund")
    assert differences() == ["27 balance balance: 130.00 / 135.00"]
