"""A line of a bill as it came."""

import gzip
import io
from datetime import date

import pytest

from scanforpay_django.books.keep_bill import BillOf, keep_bill
from scanforpay_django.books.raw_line import MAX_SHOWN, read_raw_line
from scanforpay_django.exceptions import BillRefused
from scanforpay_django.models import BillFile, BillLine, WalletAccount
from scanforpay_django.wallets.bills.bill_type import FetchedBill
from tests.books.platform_copy import Bill, bring, foreign_line
from tests.wallets.bills.samples import zipped

pytestmark = pytest.mark.django_db(transaction=True)
DAY = date(2026, 11, 27)


def keep(account: WalletAccount, raw: bytes) -> BillFile:
    of = BillOf(account=account, bill_type="trade", first_day=DAY, last_day=DAY)
    return keep_bill(of, io.BytesIO(raw), source=BillFile.Source.UPLOAD, fetched=FetchedBill())


def test_each_line_is_found_by_the_place_that_its_row_has(account: WalletAccount) -> None:
    raw = Bill(DAY).add(*(foreign_line(f"{DAY} 10:0{number}") for number in range(3))).trade()
    day = bring(account, Bill(DAY), raw)
    rows = list(BillLine.objects.order_by("line_no"))
    assert len(rows) == 3
    for row in rows:
        text = read_raw_line(day.bill, row.part, row.line_no)
        assert row.out_trade_no in text
        assert text.encode() in raw
        assert text.count("shop-") == 1


def test_in_an_archive_the_part_is_counted_too(account: WalletAccount) -> None:
    bill = keep(account, zipped(**{"a.csv": b"a1\na2\n", "b.csv": b"b1\nb2\n"}))
    assert [read_raw_line(bill, part, 2) for part in (0, 1)] == ["a2", "b2"]
    assert read_raw_line(bill, 2, 1) == ""


def test_what_is_not_there_is_nothing(account: WalletAccount) -> None:
    bill = keep(account, gzip.compress(b"one\r\ntwo\r\n"))
    assert [read_raw_line(bill, 0, number) for number in (0, 1, 2, 9)] == ["", "one", "two", ""]
    assert read_raw_line(BillFile(), 0, 1) == ""


def test_a_line_is_cut_and_has_no_nul(account: WalletAccount) -> None:
    bill = keep(account, b"\0" + b"x" * 5000 + b"\n")
    assert read_raw_line(bill, 0, 1) == "\\0" + "x" * (MAX_SHOWN - 1)


def test_a_file_that_cannot_be_unpacked_is_said(account: WalletAccount) -> None:
    bill = keep(account, gzip.compress(b"x" * 100_000)[:40])
    with pytest.raises(BillRefused):
        read_raw_line(bill, 0, 1)
