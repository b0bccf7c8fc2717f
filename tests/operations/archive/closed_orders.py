"""Orders of every shape that are closed and two years old, and all rows of the database that an archive takes."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from scanforpay_django import clock
from scanforpay_django.models import (
    AskedOrder,
    CounterCode,
    CounterSale,
    Flag,
    HandlerCall,
    Notification,
    NotificationAttempt,
    OAuthState,
    Order,
    OrderMetadata,
    PageVisit,
    Payment,
    RebuiltOrder,
    RefundApproval,
    RestoreMark,
    WalletAccount,
)
from scanforpay_django.operations.archive.archive_orders import Archived, archive_orders
from scanforpay_django.operations.archive.order_rows import PARTS, Model
from tests.causes import NOTIFICATION as CAUSE
from tests.merchant import Merchant
from tests.operations.audit.seeds import busy
from tests.rows import Rows
from tests.scripted import platform

__all__ = ["busy", "platform"]

YEAR_AGO = clock.now() - timedelta(days=400)
#: with a microsecond that milliseconds do not hold
LONG_AGO = datetime(2024, 2, 29, 23, 59, 59, 123457, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "old.jsonl.gz"


@pytest.fixture
def closed(busy: Merchant, rows: Rows) -> Merchant:
    """Orders that are paid, refunded in part, paid late, expired without an attempt, closed with one; all old."""
    store = busy.store
    account = WalletAccount.objects.get(store=store, wallet="Wechat")
    opened = Order.objects.get(partner_order_no="open")
    opened.payments.update(state="closed", request={"名": [1, 2.5, None, "é\u2028"]}, attempt=None)
    Order.objects.filter(pk=opened.pk).update(state="closed", goods_amount=None, title="")
    rows.order("", store, state="expired", paid_at=None, goods_amount=0)
    paid = Order.objects.get(partner_order_no="paid")
    OrderMetadata.objects.create(order=paid, data={"cart": {"tea": 2, "": None}, "big": 2**60, "part": 0.1})
    OAuthState.objects.create(
        order=paid, account=account, token=paid.token, browser="b" * 64, used_at=LONG_AGO
    )
    code = CounterCode.objects.create(store=store, number="till-1")
    CounterSale.objects.create(code=code, order=paid, is_set_by_till=True)
    AskedOrder.objects.create(mark=RestoreMark.objects.create(), order=opened)
    RebuiltOrder.objects.create(order=opened, source="bill")
    HandlerCall.objects.create(
        order=paid, event="paid", handler="shop.handlers.ship", last_error="Traceback\n\ttab"
    )
    PageVisit.objects.record(paid, "desktop")
    RefundApproval.objects.create(
        order=paid, payment=paid.payments.first(), amount=700, currency="CNY", reason="潮", state="declined",
        requested_by="chen.yu", requested_by_key="1", decided_by="wang.fang", decided_at=LONG_AGO,
    )  # fmt: skip
    finish()
    boss = get_user_model().objects.create_user("boss")
    Flag.objects.update(cleared_by=boss, reason="looked at")
    return busy


def finish() -> None:
    """Nothing is under way, and all of it is old."""
    HandlerCall.objects.update(state="done", finished_at=LONG_AGO)
    NotificationAttempt.objects.update(state="acknowledged", http_status=200)
    Notification.objects.update(state="delivered", delivered_at=LONG_AGO)
    Flag.objects.update(cleared_at=LONG_AGO)
    age()


def age() -> None:
    Order.objects.update(created_at=LONG_AGO)


def make_orders(rows: Rows, number: int) -> list[Order]:
    """Paid orders with a payment and a delivered notification each; old."""
    store = rows.store()
    account = WalletAccount.objects.create(store=store, wallet="Wechat")
    for _ in range(number):
        notification = rows.notification("https://shop.example/n", store)
        NotificationAttempt.objects.create(notification=notification, number=1)
        Payment.objects.create(
            order=notification.order, account=account, wallet="Wechat", product="page", amount=2100, currency="CNY",
            state="paid", paid_amount=2100, paid_currency="CNY", is_applied=True, expires_at=LONG_AGO,
            trade_no=f"t{notification.pk}",
        )  # fmt: skip
        notification.order.record_event(CAUSE, {"paid": True})
    finish()
    return list(Order.objects.order_by("pk"))


def everything() -> dict[Model, list[tuple[Any, ...]]]:
    """All rows that an archive takes, with what the database computes."""
    return {part.model: list(part.rows.order_by("pk").values_list()) for part in PARTS}


def is_empty() -> bool:
    return not any(part.rows.exists() for part in PARTS)


def archive(path: Path, **options: Any) -> Archived:
    return archive_orders(path, YEAR_AGO, **options)
