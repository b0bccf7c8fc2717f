"""What happens to a trade: it is paid once, or closed, or neither."""

from django.utils import timezone

from .clock import wall_clock
from .keys import digits
from .models import App, Trade


def new_trade_no(app: str) -> str:
    """A platform's own number of 28 digits. WeChat's is given out on payment, Alipay's on creation."""
    today = wall_clock(timezone.now())[:10].replace("-", "")
    return f"420000{today}{digits(14)}" if app == App.WECHAT else f"{today}2200{digits(16)}"


def pay(trade: Trade) -> bool:
    """Make ``trade`` paid now; False when it is paid, closed or too old already."""
    now = timezone.now()
    open_trades = Trade.objects.filter(pk=trade.pk, state=Trade.State.OPEN, expires_at__gt=now)
    trade_no = trade.trade_no or new_trade_no(trade.merchant.app)
    if not open_trades.update(state=Trade.State.PAID, paid_at=now, trade_no=trade_no):
        return False
    trade.refresh_from_db()
    return True


def close(trade: Trade) -> bool:
    """Close ``trade``; False when it is paid or closed already."""
    closed = Trade.objects.filter(pk=trade.pk, state=Trade.State.OPEN).update(state=Trade.State.CLOSED)
    trade.refresh_from_db()
    return bool(closed)
