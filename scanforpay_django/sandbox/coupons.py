"""Coupons: a customer pays less, and who gives the rest decides what the merchant receives.

A coupon is added for the next payments, of one merchant or one trade, and used when they are made. Alipay's
cross-border gateway has none: what is known of it names no field for them.
"""

from django.db.models import F, Q

from .bill_models import Coupon, PaidBy
from .models import Merchant, Platform, Trade


class CouponError(ValueError):
    """A coupon that cannot be added; the text says why."""


def add(
    amount: int,
    paid_by: str,
    *,
    merchant: Merchant | None = None,
    trade: Trade | None = None,
    count: int = 1,
) -> Coupon:
    """Let the next ``count`` payments take ``amount`` off, in minor units. Raises CouponError."""
    if paid_by not in PaidBy.values:
        raise CouponError(f"paid_by must be one of {', '.join(PaidBy.values)}")
    if amount < 1 or not 1 <= count <= 1000:
        raise CouponError("the amount must be at least 1, the count 1 to 1000")
    return Coupon.objects.create(
        amount=amount, paid_by=paid_by, merchant=merchant, trade=trade, remaining=count
    )


def use(trade: Trade) -> None:
    """Let a coupon that waits for ``trade``, which has just been paid, pay a part of it; the narrowest one.

    At least one minor unit is left for the customer to pay.
    """
    if trade.merchant.app == Platform.ALIPAY_GLOBAL:
        return
    found = _take(trade)
    amount = min(found.amount, trade.amount - 1) if found else 0
    if found and amount:
        trade.coupon, trade.coupon_paid_by = amount, found.paid_by
        trade.save(update_fields=["coupon", "coupon_paid_by"])


def _take(trade: Trade) -> Coupon | None:
    waiting = Coupon.objects.filter(
        Q(merchant=None) | Q(merchant__in=[trade.merchant_id, trade.sub_merchant_id]),
        Q(trade=None) | Q(trade=trade),
        remaining__gt=0,
    )
    for coupon in sorted(waiting, key=lambda one: (one.trade_id is None, one.merchant_id is None, one.pk)):
        if waiting.filter(pk=coupon.pk).update(remaining=F("remaining") - 1):
            return coupon
    return None


def find_merchant_part(trade: Trade, coupon: int) -> int:
    """How much of ``coupon``, the whole trade's or one refund's, the merchant gives, in minor units."""
    return coupon if trade.coupon_paid_by == PaidBy.MERCHANT else 0


def find_settled(trade: Trade) -> int:
    """What the merchant receives of ``trade`` before the fee, in minor units."""
    return trade.amount - find_merchant_part(trade, trade.coupon)


def find_refund_part(trade: Trade, refunded: int, amount: int) -> int:
    """The coupon's part of a refund of ``amount`` after ``refunded``: in proportion, so that all parts make the whole.

    Not published how the platforms round it: down, and the rest goes back with the last refund.
    """
    before = trade.coupon * refunded // trade.amount
    return trade.coupon * (refunded + amount) // trade.amount - before
