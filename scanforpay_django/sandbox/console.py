"""What a platform sees on a merchant's number and we do not: trades of other systems, refunds made in its console.

Both are trades and refunds like others: the API answers for them, and bills list them. A trade is notified to no one.
"""

import secrets
from datetime import datetime

from django.db import transaction

from scanforpay_django import clock

from . import payments, refunds, trades
from .keys import digits
from .models import Merchant, Platform, Refund, Trade

#: platform -> product and currency of such a trade
PRODUCTS = {
    Platform.WECHAT: ("native", "CNY"),
    Platform.WECHAT_GLOBAL: ("native", "HKD"),
    Platform.ALIPAY: ("create", "CNY"),
}


class ConsoleError(ValueError):
    """What a merchant's other systems cannot do; the text says why."""


def add_trades(
    merchant: Merchant,
    count: int = 1,
    *,
    amount: int = 1000,
    paid_at: datetime | None = None,
    sub_merchant: Merchant | None = None,
) -> list[Trade]:
    """Paid trades of another system on this merchant's number: its own kind of numbers, no reference of ours.

    ``amount`` in minor units, of each; ``paid_at``: now unless given. Raises ConsoleError.
    """
    if merchant.app not in PRODUCTS:
        raise ConsoleError("Alipay's cross-border gateway publishes no bills here")
    if not 1 <= count <= 10_000 or amount < 1:
        raise ConsoleError("the count must be 1 to 10000, the amount at least 1")
    moment = paid_at or clock.now()
    made = [_draw(merchant, sub_merchant, amount, moment) for _ in range(count)]
    return Trade.objects.bulk_create(made, batch_size=500)


def _draw(merchant: Merchant, sub_merchant: Merchant | None, amount: int, moment: datetime) -> Trade:
    product, currency = PRODUCTS[Platform(merchant.app)]
    return Trade(
        merchant=merchant,
        sub_merchant=sub_merchant,
        product=product,
        out_trade_no=f"POS-{secrets.token_hex(8).upper()}",
        amount=amount,
        currency=currency,
        description="other system",
        expires_at=moment,
        state=Trade.State.PAID,
        trade_no=trades.new_trade_no(merchant.app),
        paid_at=moment,
        opened_at=moment,
        created_at=moment,
        request={"biz_content": {}} if merchant.app == Platform.ALIPAY else {},
    )


def refund(trade: Trade, amount: int, *, at: datetime | None = None) -> Refund:
    """Give ``amount`` minor units back in the platform's console, under a number of the platform's.

    ``at``: when it was accepted and finished, now unless given. Raises ConsoleError.
    """
    asked = refunds.RefundCall(number=digits(20), amount=amount, request={"console": amount})
    try:
        made, _ = refunds.start(trade, asked)
    except refunds.Refused as refusal:
        raise ConsoleError(refusal.reason) from refusal
    with transaction.atomic():
        payments.finish_refund(made, Refund.State.SUCCESS)
        if at is not None:
            Refund.objects.filter(pk=made.pk).update(created_at=at, finished_at=at)
    made.refresh_from_db()
    return made
