"""Believable orders of the days before, so that the staff desk is alive at first sight. The same in every run."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

from django.core.management import call_command

from scanforpay_django import clock
from scanforpay_django.merchant_notify.outbox import enqueue
from scanforpay_django.models import (
    Endpoint,
    Flag,
    Notification,
    NotificationAttempt,
    Order,
    OrderEvent,
    Partner,
    Payment,
    Refund,
    Store,
    WalletAccount,
)
from scanforpay_django.models.database import atomic

#: nobody listens there (RFC 2606)
SHOPS = {"10001": "https://camellia.example/notify", "10002": "https://harbour.example/notify"}
#: orders are numbered by their day, so that those of the past never meet new ones
_NUMBER = "{prefix}-{day:%Y%m%d}-{place:04}"
#: orders of one transaction
TOGETHER = 500


@dataclass(frozen=True, kw_only=True)
class Shop:
    """A store with its goods and its customers' habits."""

    partner_no: str
    partner: str
    store_no: str
    name: str
    name_en: str
    currency: str
    zone: str
    prefix: str
    # of a weekday
    orders_a_day: int
    # wallet -> its product and how many of ten choose it
    wallets: dict[str, tuple[str, int]]
    # title -> minor units
    goods: dict[str, int]


SHOPS_OF_THE_DEMO = (
    Shop(
        partner_no="10001", partner="山茶小铺 Camellia Tea", store_no="100010000000002", name="山茶小铺",
        name_en="Camellia Tea", currency="CNY", zone="Asia/Shanghai", prefix="CT", orders_a_day=28,
        wallets={"Wechat": ("jsapi", 7), "Alipay": ("jsapi", 3)},
        goods={
            "龙井茶 明前 50 g": 8800, "桂花乌龙": 4560, "普洱熟茶 357 g": 12850, "茉莉花茶 125 g": 9900,
            "一杯乌龙茶": 2100,
        },
    ),
    Shop(
        partner_no="10002", partner="港灣書店 Harbour Books", store_no="100020000000001", name="港灣書店 中環",
        name_en="Harbour Books Central", currency="HKD", zone="Asia/Hong_Kong", prefix="HB", orders_a_day=9,
        wallets={"AlipayHK": ("cashier", 10)},
        goods={"《浮城誌異》": 16800, "海港明信片": 3800, "香港植物圖鑑": 32000},
    ),
    Shop(
        partner_no="10002", partner="港灣書店 Harbour Books", store_no="100020000000002", name="京都茶房",
        name_en="Kyoto Tea Room", currency="JPY", zone="Asia/Tokyo", prefix="KT", orders_a_day=6,
        wallets={"AlipayHK": ("cashier", 10)},
        goods={"宇治抹茶 30 g": 2100, "茶会 2 名様": 9800, "抹茶パフェ": 1280},
    ),
)  # fmt: skip


def write_history(days: int) -> int:
    """Write the orders of so many days before today, unless there are any, and count their days. How many there are."""
    if Order.objects.filter(entry=Order.Entry.PROJECT, partner_order_no__startswith="CT-").exists():
        return 0
    chance = random.Random(20261128)  # noqa: S311
    plans = [plan for shop in SHOPS_OF_THE_DEMO for plan in _plan(shop, _open_store(shop), days, chance)]
    plans.sort(key=lambda plan: plan.at)
    for start in range(0, len(plans), TOGETHER):
        with atomic():
            for plan in plans[start : start + TOGETHER]:
                _write(plan, chance)
    if plans:
        _remember_endpoints()
        call_command("scanforpay_rebuild_figures", stdout=StringIO())
    return len(plans)


def _open_store(shop: Shop) -> tuple[Store, dict[str, WalletAccount]]:
    partner, _made = Partner.objects.get_or_create(
        partner_no=shop.partner_no, defaults={"name": shop.partner, "test_mode": True}
    )
    store, _made = Store.objects.get_or_create(
        store_no=shop.store_no,
        defaults={
            "partner": partner, "name": shop.name, "name_en": shop.name_en, "currency": shop.currency,
            "timezone": shop.zone,
        },
    )  # fmt: skip
    accounts = {}
    for wallet in shop.wallets:
        accounts[wallet] = WalletAccount.objects.filter(
            store=store, wallet=wallet
        ).first() or WalletAccount.objects.create(
            store=store,
            wallet=wallet,
            name="sandbox",
            environment="local_sandbox",
            currencies="" if shop.currency == "CNY" else shop.currency,
        )
    return store, accounts


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What becomes of one order."""

    store: Store
    account: WalletAccount
    product: str
    number: str
    at: datetime
    title: str
    amount: int
    # "paid", "refunded", "part", "late", "expired", "left", "refused"
    end: str
    # None: the shop was reached
    shop_answers: int | None


#: of a hundred orders
ENDS = {"paid": 84, "part": 2, "refunded": 2, "expired": 7, "left": 3, "refused": 2}


def _plan(
    shop: Shop, opened: tuple[Store, dict[str, WalletAccount]], days: int, chance: random.Random
) -> Iterator[Plan]:
    store, accounts = opened
    today = clock.now().astimezone(store.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    for ago in range(days, 0, -1):
        midnight = today - timedelta(days=ago)
        is_weekend = midnight.weekday() >= 5
        number = round(shop.orders_a_day * (1.4 if is_weekend else 1) * chance.uniform(0.8, 1.2))
        moments = sorted(_open_hours(midnight, chance) for _ in range(number))
        for place, at in enumerate(moments, start=1):
            title, amount = chance.choice(list(shop.goods.items()))
            wallet = chance.choices(list(shop.wallets), [share for _p, share in shop.wallets.values()])[0]
            end = chance.choices(list(ENDS), list(ENDS.values()))[0]
            if ago < 4 and place == 5:
                end = "late"
            yield Plan(
                store=store, account=accounts[wallet], product=shop.wallets[wallet][0],
                number=_NUMBER.format(prefix=shop.prefix, day=midnight, place=place), at=at, title=title,
                amount=amount * chance.choice([1, 1, 1, 2, 3]), end=end,
                # One shop was down on an afternoon three days ago.
                shop_answers=503 if shop.prefix == "HB" and ago == 3 and at.hour in (15, 16) else None,
            )  # fmt: skip


def _open_hours(midnight: datetime, chance: random.Random) -> datetime:
    """From ten to ten, most around noon and at five."""
    hour = min(max(chance.gauss(chance.choice([12, 17]), 2.2), 10), 21.9)
    return midnight + timedelta(seconds=int(hour * 3600) + chance.randrange(60))


def _write(plan: Plan, chance: random.Random) -> None:
    ended_unpaid = {"expired": "expired", "left": "expired", "refused": "closed", "late": "expired"}
    paid_at = plan.at + timedelta(seconds=chance.randrange(9, 140))
    if plan.end == "late":
        paid_at = plan.at + timedelta(minutes=31)
    is_paid = plan.end in ("paid", "part", "refunded")
    order = Order.objects.create(
        partner=plan.store.partner, store=plan.store, partner_order_no=plan.number, entry=Order.Entry.PROJECT,
        wallet=plan.account.wallet, amount=plan.amount, currency=plan.store.currency, title=plan.title,
        notify_url=SHOPS[plan.store.partner.partner_no], fingerprint="demo", created_at=plan.at,
        expires_at=plan.at + timedelta(minutes=30), state="paid" if is_paid else ended_unpaid[plan.end],
        paid_at=paid_at if is_paid else None,
    )  # fmt: skip
    ended_at = paid_at if is_paid else order.expires_at
    paid = {
        "state": "paid", "paid_at": paid_at, "paid_amount": plan.amount, "paid_currency": plan.store.currency,
        "trade_no": f"4200{paid_at:%Y%m%d%H%M%S}{chance.randrange(10**9):09}",
        "buyer": f"158****{chance.randrange(10**4):04}",
        "is_applied": is_paid, "is_unapplied": not is_paid,
    }  # fmt: skip
    payment = None
    if plan.end != "left":
        payment = Payment.objects.create(
            order=order, account=plan.account, wallet=plan.account.wallet, product=plan.product, attempt=1,
            amount=plan.amount, currency=plan.store.currency, created_at=plan.at + timedelta(seconds=4),
            expires_at=order.expires_at, **(paid if is_paid or plan.end == "late" else {"state": "closed"}),
        )  # fmt: skip
    _tell(order, ended_at, "platform_notify" if is_paid else "system", payment)
    if is_paid and payment is not None:
        _notify(order, plan, paid_at)
        if plan.end in ("part", "refunded"):
            _refund(order, payment, plan, chance)
    if plan.end == "late" and payment is not None:
        Flag.objects.create(
            order=order,
            kind="late_payment",
            raised_at=paid_at,
            details={"out_trade_no": payment.out_trade_no},
        )


def _tell(order: Order, at: datetime, source: str, payment: Payment | None) -> None:
    data: dict[str, Any] = {}
    if order.state == "paid" and payment is not None:
        data = {
            "out_trade_no": payment.out_trade_no, "trade_no": payment.trade_no, "amount": order.amount,
            "currency": order.currency,
        }  # fmt: skip
    OrderEvent.objects.create(
        order=order, at=at, from_state="pending", to_state=order.state, source=source, data=data
    )


def _notify(order: Order, plan: Plan, at: datetime) -> None:
    message = enqueue(order)
    if message is None:
        return
    is_down = plan.shop_answers is not None
    Notification.objects.filter(pk=message.pk).update(
        created_at=at, next_at=at, attempt_count=1, **(
            {"state": "exhausted", "last_reason": "HTTP status 503", "alarmed_at": at + timedelta(days=2)}
            if is_down
            else {"state": "delivered", "delivered_at": at + timedelta(seconds=1)}
        ),
    )  # fmt: skip
    NotificationAttempt.objects.create(
        notification=message, number=1, started_at=at, duration_ms=40 + order.amount % 200,
        **(
            {"state": "failed", "http_status": 503, "reason": "HTTP status 503", "answer": "Service Unavailable"}
            if is_down
            else {"state": "acknowledged", "http_status": 200, "answer": "success"}
        ),
    )  # fmt: skip


def _remember_endpoints() -> None:
    """How it went with each shop's server, as the workers count it."""
    for partner_no in SHOPS:
        messages = Notification.objects.filter(partner__partner_no=partner_no)
        newest = messages.latest("pk")
        failed = messages.filter(state=Notification.State.EXHAUSTED).count()
        Endpoint.objects.create(
            partner=newest.partner, origin=newest.endpoint.partition(" ")[2], key=newest.endpoint,
            delivered_count=messages.count() - failed, failed_count=failed, delivered_at=newest.created_at,
            failures_in_row=1 if failed else 0, recent=[90, 130, 110, 95, *([-800] if failed else [120])],
        )  # fmt: skip


def _refund(order: Order, payment: Payment, plan: Plan, chance: random.Random) -> None:
    amount = order.amount if plan.end == "refunded" else max(order.amount // 3, 1)
    at = plan.at + timedelta(hours=chance.randrange(1, 5))
    if at > clock.now():
        return
    refund = Refund.objects.create(
        partner=order.partner, order=order, payment=payment, kind="order", source="api", actor=order.partner.partner_no,
        reason=chance.choice(["顾客退货", "缺货", "包装破损"]), refund_no=f"R-{order.partner_order_no}", submission=1,
        amount=amount, currency=order.currency, state="succeeded", refund_id=f"5030{at:%Y%m%d%H%M%S}{order.pk:010}",
        platform_code="SUCCESS", created_at=at, sent_at=at, answered_at=at, finished_at=at + timedelta(seconds=2),
        next_at=None,
    )  # fmt: skip
    is_whole = amount == order.amount
    Payment.objects.filter(pk=payment.pk).update(refunded_amount=amount)
    Order.objects.filter(pk=order.pk).update(refunded_amount=amount, state="refunded" if is_whole else "paid")
    data = {"refund": refund.out_refund_no, "refund_no": refund.refund_no, "amount": amount, "kind": "order"}
    for state, later, to in (("requested", 0, "paid"), ("succeeded", 2, "refunded" if is_whole else "paid")):
        OrderEvent.objects.create(
            order=order, at=at + timedelta(seconds=later), from_state="paid", to_state=to, source="api",
            actor=order.partner.partner_no, data={**data, "state": state},
        )  # fmt: skip
