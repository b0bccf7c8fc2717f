"""Orders with a story: rows as flows leave them, at fixed moments."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from scanforpay_django.models import (
    Flag,
    Notification,
    Order,
    OrderEvent,
    Payment,
    Refund,
    Store,
    WalletAccount,
)
from scanforpay_django.operations.order_story import Reader, StoryRows, load_rows
from scanforpay_django.operations.staff_scope import Scope

#: 17:30 in Shanghai
NOW = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
CREATED = NOW - timedelta(minutes=30)
EXPIRES = CREATED + timedelta(minutes=15)
PAID = CREATED + timedelta(minutes=1)
EVERYTHING = Reader(scope=Scope(sees_all=True), may=lambda _codename: True)


@dataclass(frozen=True, kw_only=True)
class Story:
    """An order's columns, and what belongs to it; each dict holds what differs from the usual."""

    name: str
    order: dict[str, Any] = field(default_factory=dict)
    payments: tuple[dict[str, Any], ...] = ()
    # "of" is the payment's place, from 0
    refunds: tuple[dict[str, Any], ...] = ()
    notified: dict[str, Any] | None = None
    flags: tuple[str, ...] = ()
    # of all flags
    details: dict[str, Any] = field(default_factory=dict)
    events: tuple[dict[str, Any], ...] = ()
    # the head in English
    says: str


def seed(store: Store, story: Story) -> Order:
    """Write the story's rows."""
    order = Order.objects.create(
        **{
            "partner": store.partner, "store": store, "partner_order_no": "CT-1", "wallet": "Alipay", "amount": 2100,
            "currency": "CNY", "title": "桂花乌龙", "fingerprint": "f", "created_at": CREATED, "expires_at": EXPIRES,
            **story.order,
        }
    )  # fmt: skip
    payments = [seed_payment(order, one) for one in story.payments]
    for one in story.refunds:
        seed_refund(order, payments, dict(one))
    if story.notified is not None:
        seed_notification(order, story.notified)
    for kind in story.flags:
        Flag.objects.create(order=order, kind=kind, raised_at=NOW, details=story.details)
    for one in story.events:
        OrderEvent.objects.create(order=order, **{"at": NOW, "source": "api", **one})
    return order


def seed_payment(order: Order, columns: dict[str, Any]) -> Payment:
    wallet = columns.get("wallet", "Alipay")
    is_paid = columns.get("state") == "paid"
    paid = {"paid_amount": 2100, "paid_currency": "CNY", "paid_at": PAID} if is_paid else {}
    usual = {
        "order": order, "account": WalletAccount.objects.get(store=order.store, wallet=wallet), "wallet": wallet,
        "product": "wap", "state": "open", "amount": 2100, "currency": "CNY", "expires_at": EXPIRES,
        "created_at": CREATED + timedelta(seconds=20), **paid,
    }  # fmt: skip
    return Payment.objects.create(**{**usual, **columns})


def seed_refund(order: Order, payments: list[Payment], columns: dict[str, Any]) -> Refund:
    payment = payments[columns.pop("of", 0)]
    state = columns.get("state", "requested")
    amount = columns.setdefault("amount", 700)
    is_final = state in ("succeeded", "failed")
    usual = {
        "partner": order.partner, "order": order, "payment": payment, "currency": payment.paid_currency,
        "source": "api", "created_at": NOW, "next_at": None if is_final else NOW,
        "finished_at": NOW if is_final else None,
    }  # fmt: skip
    refund = Refund.objects.create(**{**usual, **columns})
    if state == "succeeded":
        payment.refunded_amount += amount
    elif state != "failed":
        payment.reserved_amount += amount
    payment.save()
    return refund


def seed_notification(order: Order, columns: dict[str, Any]) -> Notification:
    usual = {
        "order": order, "partner": order.partner, "url": "https://shop.example/n", "content": "{}", "next_at": NOW,
        "endpoint": f"{order.partner.partner_no} https://shop.example:443", "created_at": PAID,
    }  # fmt: skip
    return Notification.objects.create(**{**usual, **columns})


def read(order: Order) -> StoryRows:
    """The rows, for who sees all."""
    return load_rows(Order.objects.select_related("store", "partner").get(pk=order.pk), EVERYTHING)
