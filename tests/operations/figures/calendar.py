"""Orders on a calendar: made, opened, paid and refunded at given moments of Shanghai's clock."""

import itertools
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from scanforpay_django import clock
from scanforpay_django.flows.apply_payment import apply_payment
from scanforpay_django.models import DailyFigure, Order, Payment, Refund, Store
from scanforpay_django.operations.figures.follow import ChangeFollower
from scanforpay_django.wallets.base import PaymentResult, TradeState
from tests.causes import NOTIFICATION
from tests.merchant import Merchant

SHANGHAI = ZoneInfo("Asia/Shanghai")
_numbers = itertools.count(1)
#: sets the clock
At = Callable[[str], None]


@pytest.fixture
def store(merchant: Merchant) -> Store:
    """In Shanghai."""
    Store.objects.filter(pk=merchant.store.pk).update(timezone="Asia/Shanghai")
    return Store.objects.get(pk=merchant.store.pk)


@pytest.fixture
def at() -> Iterator[At]:
    # Who signs in before the clock is set is still signed in afterwards.
    with time_machine.travel(datetime(2026, 11, 20, tzinfo=SHANGHAI), tick=False) as traveller:

        def move(text: str) -> None:
            traveller.move_to(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI))

        yield move


def follow(follower: ChangeFollower | None = None) -> ChangeFollower:
    """A worker's turns, until nothing is left to be done."""
    follower = follower or ChangeFollower()
    while follower():
        continue
    return follower


def make(store: Store, **columns: Any) -> Order:
    values = {"wallet": "Wechat", "amount": 2100, "currency": "CNY", "fingerprint": "f", **columns}
    return Order.objects.create(
        partner=store.partner,
        store=store,
        partner_order_no=f"f{next(_numbers)}",
        expires_at=clock.now() + timedelta(minutes=30),
        **values,
    )


def open_page(order: Order, **columns: Any) -> Payment:
    """Begin a payment at a platform."""
    wallet = columns.pop("wallet", order.wallet)
    values = {"product": "jsapi", "state": Payment.State.OPEN, "expires_at": order.expires_at, **columns}
    return Payment.objects.create(
        order=order,
        account=order.store.wallet_accounts.get(wallet=wallet),
        wallet=wallet,
        amount=order.amount,
        currency=order.currency,
        **values,
    )


def pay(payment: Payment) -> None:
    result = PaymentResult(
        out_trade_no=payment.out_trade_no,
        state=TradeState.PAID,
        amount=payment.amount,
        currency=payment.currency,
        trade_no=f"t{payment.pk}",
    )
    apply_payment(payment, result, NOTIFICATION)


def refund(payment: Payment, amount: int, **columns: Any) -> Refund:
    """One that has arrived, with its event."""
    values = {"state": Refund.State.SUCCEEDED, "finished_at": clock.now(), "next_at": None, **columns}
    order = payment.order
    made = Refund.objects.create(
        partner=order.partner,
        order=order,
        payment=payment,
        amount=amount,
        currency=order.currency,
        **values,
    )
    order.record_event(NOTIFICATION, made.event_data())
    return made


def figures(*names: str) -> dict[str, tuple[int, ...]]:
    """Day, wallet and currency -> the columns named."""
    rows = DailyFigure.objects.order_by("day", "wallet", "currency")
    return {
        f"{row.day} {row.wallet} {row.currency}": tuple(getattr(row, name) for name in names) for row in rows
    }


def snapshot() -> list[dict[str, Any]]:
    """All figures."""
    return list(DailyFigure.objects.order_by("pk").values())
