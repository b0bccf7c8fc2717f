"""What happens to a trade: it is paid once, or closed, or neither."""

from django.db.models import QuerySet

from scanforpay_django import clock

from . import coupons
from .clock import wall_clock
from .keys import digits
from .models import Merchant, Payer, Platform, Trade

WECHATS = (Platform.WECHAT, Platform.WECHAT_GLOBAL)


def new_trade_no(app: str) -> str:
    """A platform's own number of 28 digits. WeChat's is given out on payment, Alipay's on creation."""
    today = wall_clock(clock.now())[:10].replace("-", "")
    return f"420000{today}{digits(14)}" if app in WECHATS else f"{today}2200{digits(16)}"


def merchant_trades(merchant: Merchant) -> QuerySet[Trade]:
    """The trades among which this merchant's numbers are unique, with all that describing one needs."""
    return Trade.objects.filter(merchant=merchant).select_related(
        "merchant__provider", "sub_merchant", "payer__merchant"
    )


def pay(
    trade: Trade, payer: Payer | None = None, *, lies: list[str] | None = None, anyway: bool = False
) -> bool:
    """Make ``trade`` paid now; False when it is paid, closed or too old already, unless ``anyway``."""
    now = clock.now()
    payable = Trade.objects.filter(pk=trade.pk).exclude(state=Trade.State.PAID)
    if not anyway:
        payable = payable.filter(state=Trade.State.OPEN, expires_at__gt=now)
    changes = {
        "state": Trade.State.PAID,
        "paid_at": now,
        "opened_at": trade.opened_at or now,
        "trade_no": trade.trade_no or new_trade_no(trade.merchant.app),
        "payer": trade.payer or payer,
        "lies": lies or [],
        **_other_money(trade, lies or []),
    }
    if not payable.update(**changes):
        return False
    trade.refresh_from_db()
    coupons.use(trade)
    return True


def _other_money(trade: Trade, lies: list[str]) -> dict[str, int | str]:
    """What was collected instead where a fault says so: it is reported, and can be refunded, as collected."""
    other: dict[str, int | str] = {}
    if "wrong-amount" in lies:
        other["amount"] = trade.amount + 1
    # Alipay's mainland gateway names no currency
    if "wrong-currency" in lies and trade.merchant.app != Platform.ALIPAY:
        first, second = ("USD", "HKD") if trade.merchant.app == Platform.ALIPAY_GLOBAL else ("HKD", "USD")
        other["currency"] = first if trade.currency != first else second
    return other


def close(trade: Trade) -> bool:
    """Close ``trade``; False when it is paid or closed already."""
    return _leave_open(trade, Trade.State.CLOSED)


def fail(trade: Trade) -> bool:
    """A barcode payment is refused; False when the trade is no longer open."""
    return _leave_open(trade, Trade.State.FAILED)


def _leave_open(trade: Trade, state: str) -> bool:
    left = Trade.objects.filter(pk=trade.pk, state=Trade.State.OPEN).update(state=state)
    trade.refresh_from_db()
    return bool(left)


def revoke(trade: Trade) -> None:
    """Take ``trade`` back, paid or not."""
    rows = Trade.objects.filter(pk=trade.pk).exclude(state=Trade.State.REVOKED)
    rows.update(state=Trade.State.REVOKED, revoked_at=clock.now())
    trade.refresh_from_db()
