"""A platform's side of the books: lines that tests change, written as the platform's files. Ours stays as it is."""

import gzip
import io
import itertools
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from scanforpay_django import clock, money
from scanforpay_django.books.bill_merchants import find_merchant
from scanforpay_django.books.fetch_bill import import_bill
from scanforpay_django.books.keep_bill import BillOf
from scanforpay_django.books.reconcile import compare_file
from scanforpay_django.models import BillDay, Difference, Order, Payment, Refund, Store, WalletAccount
from scanforpay_django.models.derived_numbers import make_reference
from scanforpay_django.wallets.bills.amounts import CHINA
from tests.causes import NOTIFICATION
from tests.wallets.bills.samples import ALL_HEAD, ALL_TOTALS, GLOBAL_HEAD, MCHID, text, tick

_numbers = itertools.count(1)
#: WeChat Pay collects 0.6 %
RATE = Decimal("0.006")


def china(moment: str) -> datetime:
    """ "2026-11-27 10:00" by the platforms' clock."""
    return datetime.fromisoformat(moment).replace(tzinfo=CHINA)


# -- ours ------------------------------------------------------------------------------------------


def account_of(store: Store, wallet: str = "Wechat", mchid: str = MCHID) -> WalletAccount:
    """The store's account, whose merchant number is the files'. It is older than all bills."""
    account = WalletAccount.objects.get(store=store, wallet=wallet)
    account.config = {"mchid": mchid}
    account.created_at = china("2026-01-01 00:00")
    account.save()
    return account


def order_of(store: Store, **columns: Any) -> Order:
    """An order that waits."""
    values = {"wallet": "Wechat", "amount": 2100, "currency": "CNY", "fingerprint": "f", **columns}
    expires_at = clock.now() + timedelta(minutes=30)
    number = f"b{next(_numbers)}"
    return Order.objects.create(
        partner=store.partner, store=store, partner_order_no=number, expires_at=expires_at, **values
    )


def payment_of(account: WalletAccount, at: str, **columns: Any) -> Payment:
    """A payment of an order of its own that was paid at a moment, with its event."""
    amount, currency = columns.pop("amount", 2100), columns.pop("currency", "CNY")
    order = columns.pop("order", None) or order_of(
        account.store, amount=amount, currency=currency, state=Order.State.PAID, paid_at=china(at)
    )
    number = next(_numbers)
    values = {
        "state": Payment.State.PAID,
        "paid_amount": amount,
        "paid_currency": currency,
        "paid_at": china(at),
        "trade_no": f"4200002026{number:018}",
        "is_applied": True,
        **columns,
    }
    payment = Payment.objects.create(
        order=order,
        account=account,
        wallet="Wechat",
        product="jsapi",
        amount=amount,
        currency=currency,
        expires_at=order.expires_at,
        **values,
    )
    order.record_event(NOTIFICATION, {"state": payment.state})
    return payment


def unpaid_of(account: WalletAccount, state: str, order: Order | None = None) -> Payment:
    """A payment that is not paid here."""
    return payment_of(
        account,
        "2026-11-27 10:00",
        order=order or order_of(account.store),
        state=state,
        paid_amount=None,
        paid_currency="",
        paid_at=None,
        trade_no="",
        is_applied=False,
    )


def refund_of(payment: Payment, amount: int, at: str, **columns: Any) -> Refund:
    """A refund that was sent and arrived at a moment."""
    values = {
        "state": Refund.State.SUCCEEDED,
        "created_at": china(at),
        "sent_at": china(at),
        "finished_at": china(at),
        "next_at": None,
        **columns,
    }
    order = payment.order
    refund = Refund.objects.create(
        partner=order.partner, order=order, payment=payment, amount=amount, currency=order.currency, **values
    )
    if refund.state == Refund.State.SUCCEEDED:
        payment.refunded_amount += amount
        payment.save()
    elif not refund.is_final():
        payment.reserved_amount += amount
        payment.save()
    order.record_event(NOTIFICATION, refund.event_data())
    return refund


# -- theirs ----------------------------------------------------------------------------------------


@dataclass
class Line:
    """One line of the platform's."""

    at: datetime
    out_trade_no: str
    trade_no: str
    amount: int
    currency: str = "CNY"
    state: str = "SUCCESS"
    settled: int | None = None
    coupon: int = 0
    fee: Decimal | None = None
    refund_no: str = ""
    refund_id: str = ""
    refund_state: str = ""
    mchid: str = MCHID
    sub_mchid: str = "0"
    attach: str = ""

    @property
    def is_refund(self) -> bool:
        """A refund, or a reversal."""
        return self.state != "SUCCESS"

    def fee_text(self) -> str:
        """Five decimals, by the rate where no fee is given."""
        major = Decimal(self.amount).scaleb(-money.exponent(self.currency))
        fee = major * RATE if self.fee is None else self.fee
        return f"{-fee if self.is_refund else fee:.5f}"


def line_of(payment: Payment, **changes: Any) -> Line:
    """What the platform has of a payment."""
    order = payment.order
    line = Line(
        at=payment.paid_at or china("2026-11-27 10:00"),
        out_trade_no=payment.out_trade_no,
        trade_no=payment.trade_no or f"4200002026{next(_numbers):018}",
        amount=payment.amount,
        currency=payment.currency,
        attach=make_reference(
            order.partner.partner_no, order.store.store_no, order.partner_order_no, order.order_no
        ),
    )
    return replace(line, **changes)


def line_of_refund(refund: Refund, **changes: Any) -> Line:
    """What the platform has of a refund."""
    payment = refund.payment
    line = Line(
        at=refund.sent_at or refund.created_at,
        out_trade_no=payment.out_trade_no,
        trade_no=payment.trade_no,
        amount=refund.amount,
        currency=refund.currency,
        state="REFUND",
        refund_no=refund.out_refund_no,
        refund_id=refund.refund_id or f"5000{next(_numbers):024}",
        refund_state="SUCCESS",
    )
    return replace(line, **changes)


def foreign_line(at: str, amount: int = 500, **changes: Any) -> Line:
    """A payment of another system on the same merchant number."""
    number = next(_numbers)
    line = Line(
        at=china(at), out_trade_no=f"shop-{number}", trade_no=f"4200003026{number:018}", amount=amount
    )
    return replace(line, **changes)


@dataclass
class Bill:
    """A day of lines."""

    day: date
    lines: list[Line] = field(default_factory=list)

    def add(self, *lines: Line) -> "Bill":
        """Lines at its end."""
        self.lines += lines
        return self

    def trade(self, **totals: str) -> bytes:
        """WeChat Pay's trade bill; ``totals`` are other ones than the lines add up to."""
        fees = sum((Decimal(line.fee_text()) for line in self.lines), Decimal(0))
        paid = sum(line.amount for line in self.lines if not line.is_refund)
        net = sum(
            line.amount if line.settled is None else line.settled for line in self.lines if not line.is_refund
        )
        back = sum(line.amount for line in self.lines if line.is_refund)
        told = {
            "count": str(len(self.lines)),
            "net": _yuan(net),
            "back": _yuan(back),
            "fees": f"{fees:.5f}",
            "paid": _yuan(paid),
            **totals,
        }
        sums = (told["count"], told["net"], told["back"], "0.00", told["fees"], told["paid"], told["back"])
        return text(ALL_HEAD, *map(_trade_line, self.lines), ALL_TOTALS, tick(*sums))

    def statement(self) -> bytes:
        """WeChat Pay global's statement."""
        return text(GLOBAL_HEAD, *map(_statement_line, self.lines))


def _yuan(amount: int) -> str:
    return money.to_major(amount, "CNY")


def _trade_line(line: Line) -> str:
    amount = money.to_major(line.amount, line.currency)
    zero = money.to_major(0, line.currency)
    settled = amount if line.settled is None else money.to_major(line.settled, line.currency)
    back = amount if line.is_refund else zero
    coupon = money.to_major(line.coupon, line.currency)
    return tick(
        f"{line.at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}", "wxab8acd895ab1638a", line.mchid, line.sub_mchid, "",
        line.trade_no, line.out_trade_no, "oHkLxtx0vUqe", "JSAPI", line.state, "OTHERS", line.currency,
        zero if line.is_refund else settled, coupon, line.refund_id or "0", line.refund_no or "0", back, zero,
        "ORIGINAL" if line.refund_state else "", line.refund_state, "tea", line.attach, line.fee_text(), "0.60%",
        zero if line.is_refund else amount, back, "",
    )  # fmt: skip


def _statement_line(line: Line) -> str:
    amount = money.to_major(line.amount, line.currency)
    settled = amount if line.settled is None else money.to_major(line.settled, line.currency)
    returned = (
        (amount, line.currency, amount, line.currency, amount, "0", "0") if line.is_refund else ("",) * 7
    )
    return tick(
        f"{line.at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}", "wx8888888888888888", line.mchid, line.sub_mchid, "",
        line.trade_no, line.out_trade_no, "oUpF8uMuAJO", "JSAPI", line.state, "OTHERS", "", "", "", "",
        line.refund_id, line.refund_no, "ORIGINAL" if line.refund_state else "", line.refund_state, "tea",
        line.attach, line.fee_text(), "0.60%", line.currency, amount, line.currency, amount, line.currency, settled,
        "1.00000000", "1.00000000" if line.is_refund else "", *returned,
    )  # fmt: skip


# -- compared --------------------------------------------------------------------------------------


def bring(account: WalletAccount, bill: Bill, raw: bytes | None = None, bill_type: str = "") -> BillDay:
    """The file is uploaded and compared."""
    if raw is None:
        raw = bill.statement() if account.wallet == "WechatGlobal" else bill.trade()
    kind = bill_type or ("statement" if account.wallet == "WechatGlobal" else "trade")
    of = BillOf(account=account, bill_type=kind, first_day=bill.day, last_day=bill.day)
    file = import_bill(of, io.BytesIO(gzip.compress(raw, mtime=0)), by="ann")
    return compare_file(find_merchant(account), file)[0]


def bring_empty(account: WalletAccount, *days: date) -> None:
    """Bills of days on which the number had one payment of another system."""
    for day in days:
        bring(account, Bill(day).add(foreign_line(f"{day} 12:00")))


def differences() -> list[str]:
    """Those that are open: day, kind, number's order or place, what is here and there."""
    rows = Difference.objects.open().select_related("day").order_by("day__day", "kind", "number")
    return [
        f"{row.day.day:%d} {row.kind} {row.field}: {row.ours or '-'} / {row.theirs or '-'}" for row in rows
    ]
