"""A difference side by side: what the bill says, what is here, what the merchant was notified of."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import BigIntegerField, Q, Sum
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from scanforpay_django import money
from scanforpay_django.models import BillLine, Difference, Notification, Order, Payment, Posting, Refund
from scanforpay_django.operations.staff_scope import Scope
from scanforpay_django.wallets.bills.values import FEE_PLACES

_FEES = (Posting.Kind.FEE, Posting.Kind.FEE_RETURNED)
#: field of the comparison -> the row in which it stands
_ROWS = {
    "amount": "amount", "currency": "amount", "settled": "amount", "sum of refunds": "amount", "state": "state",
    "refund": "state", "order": "state", "notification": "state", "lines": "numbers", "trade_no": "numbers",
    "merchant": "numbers", "sub-merchant": "numbers", "day": "moment", "fee": "fee",
}  # fmt: skip


@dataclass(kw_only=True)
class Side:
    """One column. Empty: nothing is known."""

    # minor units
    amount: int | None = None
    currency: str = ""
    state: str = ""
    moment: datetime | None = None
    # what happened at the moment, where that is not plain
    moment_word: str = ""
    numbers: list[str] = field(default_factory=list)
    # minor units; of a bill the exact text
    fee: int | None = None
    fee_text: str = ""


@dataclass(frozen=True, kw_only=True)
class Beside:
    """Three columns. Nothing but fields and lines is known of what is about a whole bill."""

    bill: Side
    here: Side
    notified: Side
    order: Order | None
    payment: Payment | None
    # in which row the field that differs stands, "" where it is in none
    differs_in: str
    # numbers that the bill and the books have both
    same: frozenset[str]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to be shown side by side."""
        return self.bill == self.here == self.notified == Side()


def put_beside(row: Difference, scope: Scope) -> Beside:
    """Seven statements at most. Orders of other staff are left out."""
    payment, refund = _find_rows(row, scope)
    order = payment.order if payment else _find_order(row, scope)
    bill = _read_bill(row)
    here = _describe_here(row, order, payment, refund)
    return Beside(
        bill=bill,
        here=here,
        notified=_describe_notified(order, refund),
        order=order,
        payment=payment,
        differs_in=_ROWS.get(row.field, ""),
        same=frozenset(bill.numbers) & frozenset(here.numbers),
    )


def _find_rows(row: Difference, scope: Scope) -> tuple[Payment | None, Refund | None]:
    payments = scope.narrow(Payment.objects.select_related("order__store"))
    refund = None
    if row.kind.startswith("refund_") or row.details.get("out_trade_no"):
        refunds = scope.narrow(Refund.objects.select_related("payment__order__store"))
        refund = refunds.filter(out_refund_no=row.number).first()
    if refund is not None:
        return refund.payment, refund
    number = row.details.get("out_trade_no") or row.number
    return payments.filter(out_trade_no=number).first(), None


def _find_order(row: Difference, scope: Scope) -> Order | None:
    if not row.order_no:
        return None
    orders: Any = scope.narrow(Order.objects.select_related("store"))
    found: Order | None = orders.filter(order_no=row.order_no).first()
    return found


# -- the bill ----------------------------------------------------------------------------------------------------------


def _read_bill(row: Difference) -> Side:
    """As the difference has kept it; the fee from the line, as long as lines are kept as rows."""
    details = row.details
    side = Side(
        amount=details.get("amount"),
        currency=details.get("currency", ""),
        state=details.get("word", ""),
        moment=_read_moment(details.get("at", "")),
        numbers=_pick(
            details.get("trade_no"), details.get("refund_id"), row.number if details.get("at") else "",
            details.get("out_trade_no") if details.get("at") else "",
        ),
    )  # fmt: skip
    line = _find_line(row)
    if line is not None and line.fee is not None:
        side.fee_text = f"{line.fee_currency} {_show_exactly(line.fee)}"
    return side


def _find_line(row: Difference) -> BillLine | None:
    bill, line = row.day.bill_id, row.details.get("line")
    if not bill or not line or not row.details.get("at"):
        return None
    return BillLine.objects.filter(file=bill, line_no=line, part=row.details.get("part", 0)).first()


def _show_exactly(fee: Decimal) -> str:
    """A bill's fees have five decimals; zeros at the end are left out, down to two."""
    whole, _point, part = f"{abs(fee):.{FEE_PLACES}f}".partition(".")
    return f"{'−' if fee < 0 else ''}{whole}.{part[:2]}{part[2:].rstrip('0')}"


def _read_moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None


def _pick(*numbers: Any) -> list[str]:
    return list(dict.fromkeys(str(one) for one in numbers if one))


# -- here --------------------------------------------------------------------------------------------------------------


def _describe_here(
    row: Difference, order: Order | None, payment: Payment | None, refund: Refund | None
) -> Side:
    if refund is not None:
        side = _describe_refund(refund)
    elif payment is not None and row.kind == Difference.Kind.REFUND_UNKNOWN:
        words = {"payment": payment.get_state_display()}
        state = _("no such refund; payment: %(payment)s") % words
        return Side(state=state, numbers=_pick(payment.trade_no, payment.out_trade_no))
    elif payment is not None:
        side = _describe_payment(payment)
    else:
        return Side(state=str(order.get_state_display())) if order else Side()
    side.fee = _read_fee(refund or payment)
    return side


def _describe_payment(payment: Payment) -> Side:
    order = payment.order
    words = {"payment": payment.get_state_display(), "order": order.get_state_display()}
    is_paid = payment.paid_amount is not None
    side = Side(
        amount=payment.paid_amount if is_paid else payment.amount,
        currency=payment.paid_currency or payment.currency,
        state=_("payment: %(payment)s, order: %(order)s") % words,
        moment=payment.paid_at,
        numbers=_pick(payment.trade_no, payment.out_trade_no),
    )
    return side if payment.paid_at else _add_end(side, payment)


def _add_end(side: Side, payment: Payment) -> Side:
    """When an order that was not paid ended, or when its payment was begun."""
    order = payment.order
    ended = (
        order.events.filter(to_state__in=(Order.State.CLOSED, Order.State.EXPIRED)).order_by("-pk").first()
    )
    side.moment = ended.at if ended else payment.created_at
    side.moment_word = _("order ended") if ended else _("payment begun")
    return side


def _describe_refund(refund: Refund) -> Side:
    return Side(
        amount=refund.amount,
        currency=refund.currency,
        state=str(refund.get_state_display()),
        moment=refund.finished_at or refund.sent_at or refund.created_at,
        numbers=_pick(
            refund.payment.trade_no, refund.refund_id, refund.out_refund_no, refund.payment.out_trade_no
        ),
    )


def _read_fee(row: Payment | Refund | None) -> int | None:
    """By the ledger, what was reversed taken off; None where no fee was posted."""
    if row is None:
        return None
    cause = Posting.CauseType.REFUND if isinstance(row, Refund) else Posting.CauseType.PAYMENT
    sums = {
        name: Cast(Sum("amount", filter=Q(**{f"{name}__startswith": "platform:"})), BigIntegerField())
        for name in ("source", "destination")
    }
    found = Posting.objects.filter(cause_type=cause, cause_id=row.pk, kind__in=_FEES).aggregate(**sums)
    if found["source"] is None and found["destination"] is None:
        return None
    return (found["source"] or 0) - (found["destination"] or 0)


# -- the merchant ------------------------------------------------------------------------------------------------------


def _describe_notified(order: Order | None, refund: Refund | None) -> Side:
    if order is None:
        return Side()
    rows = Notification.objects.filter(order=order.pk).order_by("-pk")
    found = rows.filter(refund=refund.pk).first() if refund else rows.filter(refund=None).first()
    if found is None:
        return Side(state=_("none") if order.notify_url else _("none: the order has no notify address"))
    moment = found.delivered_at or found.learned_at or found.alarmed_at or found.next_at
    return Side(state=str(found.get_state_display()), moment=moment, numbers=[found.message_id])


def show_fee(side: Side) -> str:
    """With its currency's code; "" for none."""
    if side.fee_text:
        return side.fee_text
    return money.with_code(side.fee, side.currency) if side.fee is not None else ""
