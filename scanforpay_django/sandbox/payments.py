"""What customers do, whatever the platform: they pay, and the merchant hears of it."""

from collections.abc import Callable
from datetime import timedelta

from django.db import transaction

from . import faults, notify, refunds, trades
from .alipay import notice as alipay_notice
from .alipay_global import notice as alipay_global_notice
from .models import Merchant, Payer, Platform, Refund, Trade
from .phone import new_user, payer_at
from .wechat import notice as wechat_notice

NOTICES = {
    Platform.WECHAT: wechat_notice,
    Platform.WECHAT_GLOBAL: wechat_notice,
    Platform.ALIPAY: alipay_notice,
    Platform.ALIPAY_GLOBAL: alipay_global_notice,
}
# Whether a fault of this name strikes.
Strikes = Callable[[str], bool]
# How long trades with the same text and amount count as one order's.
SAME_ORDER = timedelta(hours=2)
# The platform takes its time to give money back; the answer to the call is read first.
REFUND_NOTICE_SECONDS = 0.2


def app_of(trade: Trade) -> Merchant:
    """The merchant whose app sees the payer."""
    seller = trade.merchant
    return seller.provider if seller.provider is not None and seller.app == Platform.ALIPAY else seller


def find_payer(trade: Trade, phone_user: str) -> Payer:
    """Who pays: whom the trade was made for, or the phone's user."""
    return trade.payer or payer_at(app_of(trade), phone_user or new_user())


def may_be_paid(trade: Trade, phone_user: str) -> bool:
    """Whether it is open and in time, or a fault lets it be paid all the same."""
    if trade.state == Trade.State.PAID:
        return False
    if trade.is_open and not trade.has_expired:
        return True
    return faults.is_armed("pay-after-close", merchant=trade.merchant, trade=trade, phone_user=phone_user)


def pay(trade: Trade, phone_user: str) -> bool:
    """``phone_user`` pays: paid, notified, and whatever the faults of payments add. False: it was too late."""
    payer = find_payer(trade, phone_user)

    def strikes(name: str) -> bool:
        user = payer.phone_user
        return faults.take(name, merchant=trade.merchant, trade=trade, phone_user=user) is not None

    late = not trade.is_open or trade.has_expired
    if not _settle(trade, payer, strikes, anyway=late and strikes("pay-after-close")):
        return False
    if strikes("pay-twice"):
        for sibling in _siblings(trade):
            _settle(sibling, find_payer(sibling, new_user()), _never, anyway=True)
    return True


def _settle(trade: Trade, payer: Payer, strikes: Strikes, *, anyway: bool) -> bool:
    with transaction.atomic():
        if not trades.pay(trade, payer, lies=[name for name in faults.LIES if strikes(name)], anyway=anyway):
            return False
        if trade.notify_url:
            notify.post(trade, NOTICES[Platform(trade.merchant.app)].paid_message(trade))
    return True


def _never(name: str) -> bool:  # noqa: ARG001 (no fault strikes)
    return False


def _siblings(trade: Trade) -> list[Trade]:
    """Other trades that look like the same order's: its text, amount and currency, at any platform."""
    alike = Trade.objects.filter(
        description=trade.description,
        amount=trade.amount,
        currency=trade.currency,
        created_at__gte=trade.created_at - SAME_ORDER,
    ).exclude(pk=trade.pk)
    return list(alike.exclude(state=Trade.State.PAID).select_related("merchant__provider", "payer__merchant"))


def before_answer(trade: Trade, phone_user: str = "") -> None:
    """With the fault armed: the customer pays and the merchant is notified, before the create call answers."""
    user = phone_user or (trade.payer.phone_user if trade.payer else "")
    struck = faults.take(
        "notify-before-answer", merchant=trade.merchant, trade=trade, phone_user=user, operation="create"
    )
    if struck and trades.pay(trade, find_payer(trade, struck.phone_user)) and trade.notify_url:
        notify.post_and_wait(trade, NOTICES[Platform(trade.merchant.app)].paid_message(trade))


def finish_refund(refund: Refund, state: str) -> bool:
    """End ``refund`` and tell the merchant, where the platform does; False when it has ended already."""
    with transaction.atomic():
        if not refunds.finish(refund, state):
            return False
        message = NOTICES[Platform(refund.trade.merchant.app)].refund_message(refund)
        if message is not None and message.url:
            notify.post(refund.trade, message, delay_seconds=REFUND_NOTICE_SECONDS)
    return True
