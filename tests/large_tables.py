"""Paid orders by the ten thousand, with all that belongs to each. Needs PostgreSQL, and ``django.setup()`` before."""

from typing import Any

from django.db import connection

from scanforpay_django import clock
from scanforpay_django.merchant_notify.outbox import enqueue
from scanforpay_django.models import (
    NotificationAttempt,
    OrderEvent,
    Payment,
    PlatformNotification,
    Store,
    WalletAccount,
)
from tests.chaos.events import paid_order, seed
from tests.row_copies import copies


def make_template(accounts: int) -> dict[str, Any]:
    """One paid order with all that belongs to it, and the accounts."""
    store = seed(1)[0]
    account = WalletAccount.objects.create(store=store, wallet="Wechat")
    copies(Store, store.pk, {"store_no": "'s' || g"}, accounts)
    copies(
        WalletAccount,
        account.pk,
        {"store_id": f"{store.pk} + g", "public_id": "left(md5(g::text), 22)"},
        accounts,
    )
    order = paid_order(store, "https://shop.example/n", 0)
    order.save(force_insert=True)
    now = clock.now()
    payment = Payment.objects.create(
        order=order, account=account, wallet="Wechat", product="jsapi", state="paid", amount=2100, currency="CNY",
        expires_at=order.expires_at, trade_no="t0", paid_at=now, paid_amount=2100, paid_currency="CNY", is_applied=True,
    )  # fmt: skip
    event = OrderEvent.objects.create(
        order=order, from_state="pending", to_state="paid", source="platform_notify"
    )
    heard = PlatformNotification.objects.create(
        account=account,
        event_id="e0",
        body="{}",
        payment=payment,
        outcome="applied",
        kind="TRANSACTION.SUCCESS",
    )
    told = enqueue(order)
    assert told is not None
    told.state, told.delivered_at, told.attempt_count = "delivered", now, 1
    told.save()
    attempt = NotificationAttempt.objects.create(notification=told, number=1, state="acknowledged")
    return {
        "order": order,
        "payment": payment,
        "event": event,
        "heard": heard,
        "told": told,
        "attempt": attempt,
    }


def last_key(model: Any) -> int:
    """The newest row's."""
    newest = model.objects.order_by("-pk").values_list("pk", flat=True).first()
    return int(newest)


def fill(rows: dict[str, Any], number: int, stem: str) -> None:
    """Orders like the template's, of stores in turn."""
    order, told = rows["order"], rows["told"]
    first = {name: last_key(type(row)) for name, row in rows.items()}
    order_no, partner_order_no = f"'{stem}' || lpad(g::text, 18, '0')", f"'{stem}-c-' || g"
    tokens = {name: f"left(md5('{stem}' || g || '{name}'), 22)" for name in ("token", "scan_token")}
    copies(
        type(order), order.pk, {**tokens, "order_no": order_no, "partner_order_no": partner_order_no}, number
    )
    order_id = f"{first['order']} + g"
    copies(type(rows["event"]), rows["event"].pk, {"order_id": order_id}, number)
    copies(
        type(rows["payment"]),
        rows["payment"].pk,
        {
            "order_id": order_id,
            "out_trade_no": f"left(md5('{stem}' || g || 'o'), 28)",
            "trade_no": f"'{stem}-t-' || g",
        },
        number,
    )
    payment_id = f"{first['payment']} + g"
    copies(
        type(rows["heard"]),
        rows["heard"].pk,
        {"payment_id": payment_id, "event_id": f"'{stem}-e-' || g"},
        number,
    )
    content = f"replace(replace(content, '{order.order_no}', {order_no}), '\"p0\"', '\"' || {partner_order_no} || '\"')"
    copies(
        type(told),
        told.pk,
        {"order_id": order_id, "message_id": f"'msg_' || md5('{stem}' || g)", "content": content},
        number,
    )
    copies(type(rows["attempt"]), rows["attempt"].pk, {"notification_id": f"{first['told']} + g"}, number)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")
