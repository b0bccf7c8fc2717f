"""An order that the restored copy of a database does not have: its rows are taken away, and what its platform knows of
it stays.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from scanforpay_django import clock
from scanforpay_django.models import Order, RestoreMark, WalletAccount
from scanforpay_django.operations.archive.order_rows import PARTS
from scanforpay_django.sandbox import notify
from scanforpay_django.sandbox.models import Platform, Trade
from scanforpay_django.sandbox.payments import NOTICES
from tests.wallets.conftest import Till


def lose(*orders: Order) -> None:
    """Every row of theirs goes."""
    _delete(orders, len(PARTS))


def forget_payments(*orders: Order) -> None:
    """They are as they were when they were made."""
    _delete(orders, len(PARTS) - 1)
    Order.objects.filter(pk__in=[order.pk for order in orders]).update(state="pending", paid_at=None)


def _delete(orders: Sequence[Order], parts: int) -> None:
    """Children before parents; the orders themselves are the last part."""
    for part in PARTS[::-1][:parts]:
        link = part.link if part.parent in (None, Order) else f"{part.link}__order"
        part.model._base_manager.filter(**{f"{link}__in": [order.pk for order in orders]}).delete()


def restored(backup_from: datetime | None = None) -> RestoreMark:
    """The mark that a recovery begins with; the copy is an hour old."""
    return RestoreMark.objects.create(
        at=clock.now(), backup_from=backup_from or clock.now() - timedelta(hours=1)
    )


def notify_again(out_trade_no: str) -> None:
    """The platform repeats its message of a payment."""
    trade = Trade.objects.get(out_trade_no=out_trade_no)
    notify.post_and_wait(trade, NOTICES[Platform(trade.merchant.app)].paid_message(trade))


def keep_only(till: Till) -> Till:
    """No account but its own is there."""
    WalletAccount.objects.exclude(pk=till.account.pk).delete()
    return till
