"""Notifications of orders that were paid at a sandbox, or for real."""

from django.db import transaction

from scanforpay_django import clock
from scanforpay_django.models import Notification, Payment, Store, WalletAccount
from tests.rows import Rows


@transaction.atomic
def paid_notification(
    rows: Rows, url: str, *, environment: str = "local_sandbox", store: Store | None = None
) -> Notification:
    store = store or rows.store()
    account, _made = WalletAccount.objects.get_or_create(
        store=store,
        wallet="Wechat",
        environment=environment,
        defaults={"is_active": not store.wallet_accounts.exists()},
    )
    notification = rows.notification(url, store)
    order = notification.order
    Payment.objects.create(
        order=order,
        account=account,
        wallet="Wechat",
        product="jsapi",
        state=Payment.State.PAID,
        amount=order.amount,
        currency=order.currency,
        expires_at=clock.now(),
    )
    return notification
