"""``manage.py scanforpay_reconcile`` as its user calls it."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from scanforpay_django import clock
from scanforpay_django.models import WalletAccount
from scanforpay_django.sandbox import moved_clock
from scanforpay_django.wallets.bills.amounts import CHINA
from tests.books.conftest import account
from tests.books.platform_copy import Bill, line_of, payment_of, unpaid_of
from tests.operations.figures.calendar import at, store
from tests.wallets.conftest import Till, till_of

__all__ = ["account", "at", "store", "till_of"]
pytestmark = pytest.mark.django_db(transaction=True)


def run(*arguments: Any) -> tuple[str, str]:
    """What it writes, and the error that it ends with."""
    out = StringIO()
    try:
        call_command("scanforpay_reconcile", *map(str, arguments), stdout=out)
    except CommandError as error:
        return out.getvalue(), str(error)
    return out.getvalue(), ""


def test_yesterday_is_fetched_and_agrees(till_of: Callable[[str], Till]) -> None:
    till = till_of("wechat")
    till.paid()
    noon = datetime.combine(clock.now().astimezone(CHINA).date() + timedelta(days=1), time(12), CHINA)
    moved_clock.forward(noon - clock.now())
    out, error = run()
    assert error == ""
    assert "compared, 1 payments 21.00 CNY: agrees" in out
    assert run() == (out, "")


def test_a_file_with_differences(account: WalletAccount, tmp_path: Path) -> None:
    payment, closed = payment_of(account, "2026-11-27 10:00"), unpaid_of(account, "closed")
    day = (payment.paid_at or clock.now()).astimezone(CHINA).date()
    path = tmp_path / "bill.csv"
    path.write_bytes(Bill(day).add(line_of(payment), line_of(closed)).trade())
    out, error = run("--date", day, "--account", account.pk, "--file", path)
    assert error == "not everything agrees"
    assert f"  paid_there_closed_here {closed.out_trade_no} state: here closed, there SUCCESS" in out


def test_what_cannot_be_asked_is_said(account: WalletAccount) -> None:
    WalletAccount.objects.exclude(pk=account.pk).update(is_active=False)
    out, error = run("--date", "2026-11-27")
    assert error == "not everything agrees"
    assert out.startswith("Wechat 1900000001 2026-11-27: ")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("--account", "77777"), "no such wallet account: 77777"),
        (("--file", "bill.csv"), "say whose bill the file is: --account ID"),
    ],
)
def test_what_is_wrong_is_said(account: WalletAccount, arguments: tuple[str, ...], error: str) -> None:
    assert run(*arguments)[1] == error


def test_a_kind_that_is_not_known(account: WalletAccount) -> None:
    assert "Wechat has these kinds of bills: trade" in run("--account", account.pk, "--type", "x")[1]
