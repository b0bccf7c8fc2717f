"""What a bill lists: payments, and money that went back by a refund or by taking a payment back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from . import coupons, refunds
from .bill_days import Span
from .models import Merchant, Refund, Trade


@dataclass(frozen=True, kw_only=True)
class MoneyBack:
    """A refund, or a payment that was taken back. Amounts are minor units of the trade's currency."""

    trade: Trade
    # the merchant's number; where a payment was taken back, the order's own: no document says which
    number: str
    # WeChat's own
    refund_id: str
    amount: int
    # the coupon's part of amount
    coupon: int
    asked_at: datetime
    done_at: datetime | None
    # one of Refund.State
    state: str
    is_reversal: bool = False

    @property
    def settled(self) -> int:
        """What the merchant gives."""
        return self.amount - coupons.find_merchant_part(self.trade, self.coupon)


def find_paid(merchant: Merchant, span: Span, sub_number: str = "") -> list[Trade]:
    """Payments in a span, the first first. A provider's are those of all its sub-merchants unless one is named.

    A payment that was refunded or taken back later is among them.
    """
    rows = Trade.objects.filter(merchant=merchant, paid_at__gte=span[0], paid_at__lt=span[1])
    rows = rows.filter(**_narrow("sub_merchant", sub_number))
    return list(rows.select_related("merchant", "sub_merchant", "payer").order_by("paid_at", "pk"))


def find_accepted(merchant: Merchant, span: Span, as_of: datetime, sub_number: str = "") -> list[MoneyBack]:
    """What was accepted in a span, in the states of ``as_of``: WeChat Pay never updates them.

    Source: pay.weixin.qq.com/doc/v3/merchant/4013071246, on the day and the state of a refund.
    """
    rows = Refund.objects.filter(
        trade__merchant=merchant,
        created_at__gte=span[0],
        created_at__lt=span[1],
        **_narrow("trade__sub_merchant", sub_number),
    )
    rows = rows.select_related("trade__merchant", "trade__sub_merchant", "trade__payer")
    back = [_refund(row, refunds.find_state(row, as_of)) for row in rows.order_by("pk")]
    return _sorted([*back, *_reversals(merchant, span, sub_number)])


def find_finished(merchant: Merchant, span: Span) -> list[MoneyBack]:
    """What was finished in a span and succeeded, as Alipay lists it; a cancelled payment's money went back too."""
    rows = Refund.objects.filter(
        trade__merchant=merchant,
        finished_at__gte=span[0],
        finished_at__lt=span[1],
        state=Refund.State.SUCCESS,
    ).select_related("trade__merchant")
    return _sorted([*(_refund(row, row.state) for row in rows), *_reversals(merchant, span, "")])


def _narrow(path: str, sub_number: str) -> dict[str, str]:
    return {f"{path}__number": sub_number} if sub_number else {}


def _refund(row: Refund, state: str) -> MoneyBack:
    return MoneyBack(
        trade=row.trade,
        number=row.number,
        refund_id=row.refund_id,
        amount=row.amount,
        coupon=row.coupon,
        asked_at=row.created_at,
        done_at=row.finished_at if state == row.state else None,
        state=state,
    )


def _reversals(merchant: Merchant, span: Span, sub_number: str) -> Iterable[MoneyBack]:
    """Of payments that were never made nothing is listed."""
    rows = Trade.objects.filter(
        merchant=merchant,
        paid_at__isnull=False,
        revoked_at__gte=span[0],
        revoked_at__lt=span[1],
        **_narrow("sub_merchant", sub_number),
    )
    for trade in rows.select_related("merchant", "sub_merchant", "payer").order_by("pk"):
        before = refunds.refunded(trade)
        amount = trade.amount - before
        if trade.revoked_at is not None and amount > 0:
            yield MoneyBack(
                trade=trade,
                number=trade.out_trade_no,
                refund_id=f"5030{trade.pk:025}",
                amount=amount,
                coupon=coupons.find_refund_part(trade, before, amount),
                asked_at=trade.revoked_at,
                done_at=trade.revoked_at,
                state=Refund.State.SUCCESS,
                is_reversal=True,
            )


def _sorted(back: list[MoneyBack]) -> list[MoneyBack]:
    return sorted(back, key=lambda one: one.done_at or one.asked_at)
