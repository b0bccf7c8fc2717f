"""``manage.py scanforpay_bill``."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from scanforpay_django import clock
from scanforpay_django.models import BillDay, BillFile
from scanforpay_django.models.bill_day import LEASE
from tests.books.bills import account_of, trade_bill
from tests.merchant import Merchant

pytestmark = pytest.mark.django_db(transaction=True)


def run(*arguments: str) -> str:
    """What it prints."""
    out = StringIO()
    call_command("scanforpay_bill", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A bill's file."""
    made = tmp_path / "bill.csv.gz"
    made.write_bytes(trade_bill().getvalue())
    return made


def test_a_file_is_read(merchant: Merchant, place: Path) -> None:
    account = f"--account={account_of(merchant).pk}"
    printed = run(account, "--day=2019-02-19", f"--file={place}")
    assert "read, 3 lines, 0 unread, 0 problems" in printed
    assert "compared: agrees" in printed
    printed = run(account, "--day=2019-02-18", f"--file={place}", "--type=trade")
    assert "line 2: day 交易时间 says '2019-02-19'" in printed
    run(account, "--day=2019-02-01", "--last-day=2019-02-28", f"--file={place}")
    assert list(BillFile.objects.order_by("pk").values_list("problem_count", flat=True)) == [0, 1, 0]


def test_a_bill_that_is_not_whole_is_an_error(merchant: Merchant, place: Path) -> None:
    place.write_bytes(trade_bill(is_cut=True).getvalue())
    with pytest.raises(CommandError, match="not whole"):
        run(f"--account={account_of(merchant).pk}", "--day=2019-02-19", f"--file={place}")
    assert BillFile.objects.get().state == "broken"


def test_what_cannot_be_done_is_said(merchant: Merchant, place: Path) -> None:
    account = f"--account={account_of(merchant).pk}"
    for arguments, sentence in (
        (["--account=999", "--day=2019-02-19"], "no such wallet account"),
        ([account, "--day=2019-02-19", "--type=x"], "trade, fund, fund_operation, fund_fees"),
        ([account, "--day=2019-02-19", "--file=/nowhere"], "No such file"),
        ([account, "--day=yesterday"], "not a date"),
    ):
        with pytest.raises(CommandError, match=sentence):
            run(*arguments)
    place.write_bytes(b"%PDF-1.7")
    with pytest.raises(CommandError, match="spreadsheet or a document"):
        run(account, "--day=2019-02-19", f"--file={place}")
    assert BillFile.objects.count() == 0


def test_a_wallet_without_an_api_needs_a_file(merchant: Merchant) -> None:
    account = account_of(merchant)
    type(account).objects.filter(pk=account.pk).update(wallet="AlipayHK")
    with pytest.raises(CommandError, match="give --file"):
        run(f"--account={account.pk}", "--day=2019-02-19")


def test_a_day_that_another_process_has_is_not_compared(merchant: Merchant, place: Path) -> None:
    account = account_of(merchant)
    run(f"--account={account.pk}", "--day=2019-02-19", f"--file={place}")
    BillDay.objects.update(lease_until=clock.now() + LEASE, lease_token="other")
    assert "not compared: " in run(f"--account={account.pk}", "--day=2019-02-19", f"--file={place}")
