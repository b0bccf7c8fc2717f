"""Bills with fees of payments and refunds that the tests made."""

import io
from collections.abc import Sequence
from datetime import date

from scanforpay_django.books.fetch_bill import import_bill
from scanforpay_django.books.keep_bill import BillOf
from scanforpay_django.models import BillFile, Payment, Refund, WalletAccount
from tests.wallets.bills.samples import ALL_HEAD, ALL_TOTALS, MCHID, text, tick

DAY = date(2026, 11, 1)
NOON = "2026-11-01 12:00:00"


def _line(trade: Sequence[str], kind: str, paid: Sequence[str], fee: str, yuan: str, applied: str) -> str:
    trade_no, out_trade_no, currency, note = trade
    return tick(
        NOON, "wxab8acd895ab1638a", MCHID, "0", "", trade_no, out_trade_no, "payer", "JSAPI", kind, "OTHERS", currency,
        yuan, "0.00", *paid, "tea", note, fee, "0.60%", yuan, applied, "",
    )  # fmt: skip


def line(payment: Payment, fee: str, *, yuan: str = "21.00", currency: str = "CNY", note: str = "") -> str:
    """A payment's line."""
    trade = (f"42{payment.pk:020}", payment.out_trade_no, currency, note)
    return _line(trade, "SUCCESS", ("0", "0", "0.00", "0.00", "", ""), fee, yuan, "0.00")


def back(refund: Refund, fee: str, *, yuan: str = "7.00", state: str = "SUCCESS") -> str:
    """A refund's line."""
    payment = refund.payment
    trade = (f"42{payment.pk:020}", payment.out_trade_no, "CNY", "")
    paid = (f"50{refund.pk:020}", refund.out_refund_no, yuan, "0.00", "ORIGINAL", state)
    return _line(trade, "REFUND", paid, fee, "0.00", yuan)


def trade_file(lines: Sequence[str]) -> io.BytesIO:
    """The lines as a trade bill that is whole; its totals are not compared here."""
    return io.BytesIO(text(ALL_HEAD, *lines, ALL_TOTALS, tick(str(len(lines)), *["0.00"] * 6)))


def bring(account: WalletAccount, lines: Sequence[str], day: date = DAY) -> BillFile:
    """Uploaded and read."""
    of = BillOf(account=account, bill_type="trade", first_day=day, last_day=day)
    bill = import_bill(of, trade_file(lines), by="ann")
    assert (bill.state, bill.unread_count) == ("read", 0), list(bill.problems.values("code", "field", "raw"))
    return bill
