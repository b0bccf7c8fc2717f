"""Orders of every kind, and what breaks their rows."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from scanforpay_django import clock
from scanforpay_django.encryption import encrypt
from scanforpay_django.flows.apply_payment import apply_payment
from scanforpay_django.flows.carry_out_refund import carry_out
from scanforpay_django.flows.refund_order import RequestedRefund, request_refund
from scanforpay_django.models import (
    ArchivedNumber,
    BillFile,
    FigureMark,
    Flag,
    HandlerCall,
    HostClock,
    Notification,
    NotificationAttempt,
    Order,
    OrderEvent,
    Partner,
    Payment,
    PlatformNotification,
    PostingMark,
    Refund,
    SignKey,
    Store,
    WalletAccount,
)
from scanforpay_django.models.posting import EVENTS
from scanforpay_django.operations.audit import ALL_CHECKS, Check, audit, run
from scanforpay_django.wallets.base import PaymentResult, TradeState
from tests.books.ledger import post
from tests.causes import API, NOTIFICATION, STAFF
from tests.merchant import Merchant, add_account
from tests.scripted import Platform, start


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second look need not wait: nobody else writes."""
    monkeypatch.setattr(run, "SECOND_LOOK_SECONDS", 0)


def opened(merchant: Merchant, number: str, who: str = "a") -> Payment:
    merchant.create(partnerOrderNo=number, notifyUrl="https://shop.example/n")
    order = Order.objects.select_related("store", "partner").get(partner_order_no=number)
    return Payment.objects.get(out_trade_no=start(order, who).params["number"])


def arrive(payment: Payment) -> None:
    result = PaymentResult(
        out_trade_no=payment.out_trade_no,
        state=TradeState.PAID,
        amount=2100,
        currency="CNY",
        trade_no=f"t{payment.pk}",
    )
    apply_payment(payment, result, NOTIFICATION)


@pytest.fixture
def busy(merchant: Merchant, platform: Platform) -> Merchant:
    """paid (with a refund in part), late, open and told orders; nothing of it is broken."""
    paid, late = opened(merchant, "paid"), opened(merchant, "late")
    opened(merchant, "open")
    arrive(paid)
    OrderEvent.record(late.order, "pending", "closed", STAFF, {})
    Order.objects.filter(pk=late.order_id).update(state="closed")
    arrive(late)
    for refund in [
        *Refund.objects.all(),
        request_refund(paid.order, RequestedRefund(cause=API, refund_no="r1", amount=700)),
    ]:
        carry_out(refund)
    account = WalletAccount.objects.get(store=merchant.store, wallet="Wechat")
    PlatformNotification.objects.create(
        account=account, event_id="e1", body="", payment=paid, outcome="applied"
    )
    told = Notification.objects.get()
    NotificationAttempt.objects.create(notification=told, number=1, state="failed")
    Notification.objects.update(attempt_count=1)
    return merchant


def one(model: Any, **columns: Any) -> Callable[[], object]:
    """Change the paid order's row behind everybody's back."""
    path = {Order: "", Payment: "order__", Refund: "order__", Notification: "order__"}[model]
    return lambda: model.objects.filter(**{f"{path}partner_order_no": "paid"}).update(**columns)


def of_open(model: Any, **columns: Any) -> Callable[[], object]:
    path = {Order: "", Payment: "order__"}[model]
    return lambda: model.objects.filter(**{f"{path}partner_order_no": "open"}).update(**columns)


def of_late(model: Any, **columns: Any) -> Callable[[], object]:
    path = {Order: "", Payment: "order__"}[model]
    return lambda: model.objects.filter(**{f"{path}partner_order_no": "late"}).update(**columns)


def both(*steps: Callable[[], object]) -> Callable[[], object]:
    return lambda: [step() for step in steps]


def another_store() -> Store:
    partner = Partner.objects.create(partner_no="10002", name="Coffee house")
    return Store.objects.create(partner=partner, store_no="100020000000001", name="Coffee")


def add_event(before: str, after: str) -> Callable[[], object]:
    return lambda: OrderEvent.record(Order.objects.get(partner_order_no="open"), before, after, STAFF, {})


def forget_messages() -> None:
    NotificationAttempt.objects.all().delete()
    Notification.objects.all().delete()


def a_message_for(number: str, state: str) -> Callable[[], object]:
    def write() -> None:
        order = Order.objects.get(partner_order_no=number)
        Notification.objects.create(
            order=order,
            partner=order.partner,
            url="https://shop.example/n",
            endpoint="10001 https://shop.example",
            content="{}",
            state=state,
        )

    return write


FAR = clock.now() + timedelta(days=30)

LONG_AGO = clock.now() - timedelta(days=30)

# check -> what breaks it
SEEDS: dict[str, Callable[[], object]] = {
    "handler-not-called": lambda: HandlerCall.objects.create(
        order=Order.objects.get(partner_order_no="paid"), event="paid", handler="shop.ship", next_at=LONG_AGO
    ),
    "flag-not-cleared": lambda: Flag.objects.create(
        order=Order.objects.get(partner_order_no="paid"), kind="message_refused"
    ),
    "returned-but-called-paid": lambda: PlatformNotification.objects.update(kind="RETURNED"),
    "refund-overdue": both(
        one(Refund, state="unknown", finished_at=None, sent_at=LONG_AGO, next_at=clock.now()),
    ),
    "payment-overdue": of_open(Payment, expires_at=LONG_AGO),
    "platform-message-not-applied": lambda: PlatformNotification.objects.update(
        outcome="unknown", received_at=LONG_AGO
    ),
    "paid-without-payment": one(Payment, is_applied=False, is_unapplied=True),
    "applied-but-order-not-paid": one(Order, state="pending"),
    "applied-with-other-amount": one(Payment, paid_amount=2099),
    "paid-without-date": one(Order, paid_at=None),
    "order-refund-figure": one(Order, refunded_amount=0),
    "refunded-in-part": one(Order, state="refunded"),
    "refunded-but-called-paid": one(Order, refunded_amount=2100),
    "state-without-event": of_open(Order, state="closed"),
    "event-without-state": add_event("closed", "closed"),
    "forbidden-step": add_event("pending", "refunded"),
    "paid-but-not-notified": forget_messages,
    "notification-waits-but-not-paid": a_message_for("open", "pending"),
    "notified-but-not-paid": a_message_for("open", "delivered"),
    "order-not-swept": both(
        of_open(Order, expires_at=LONG_AGO), of_open(Payment, state="failed", next_query_at=None)
    ),
    "applied-but-not-paid": one(Payment, state="closed"),
    "paid-without-amount": one(Payment, paid_currency=""),
    "amount-without-paid": of_open(Payment, paid_amount=2100),
    "verified-but-not-paid": lambda: PlatformNotification.objects.update(
        payment=Payment.objects.get(order__partner_order_no="open")
    ),
    "order-of-other-partner": lambda: of_open(Order, store=another_store())(),
    "payment-of-other-account": lambda: of_open(
        Payment, account=add_account(another_store(), "Wechat", {}, {})
    )(),
    "payment-of-other-money": of_open(Payment, amount=1),
    "payment-refund-figure": one(Payment, refunded_amount=0),
    "payment-reserved-figure": lambda: Refund.objects.filter(refund_no="r1").update(
        state="requested", finished_at=None, next_at=clock.now()
    ),
    "payment-left-open": one(Payment, state="open", is_applied=False, paid_amount=None, refunded_amount=0),
    "payment-not-watched": of_open(Payment, next_query_at=None),
    "unapplied-not-marked": of_late(Payment, is_unapplied=False),
    "unapplied-not-flagged": lambda: Order.objects.get(partner_order_no="late").flags.all().delete(),
    "refund-of-other-money": one(Refund, currency="HKD"),
    "refund-not-watched": one(Refund, state="processing", next_at=None, finished_at=None),
    "refund-end-undated": one(Refund, finished_at=None),
    "leased-too-long": one(Notification, lease_until=FAR, lease_token="x"),
    "leased-although-done": one(Notification, state="exhausted", alarmed_at=LONG_AGO, lease_until=LONG_AGO),
    "given-up-without-alarm": one(Notification, state="exhausted"),
    "waits-too-long": one(Notification, next_at=FAR),
    "tries-miscounted": one(Notification, attempt_count=0),
    "try-without-worker": lambda: NotificationAttempt.objects.update(state="sending", started_at=LONG_AGO),
    "clock-wrong": lambda: HostClock.objects.record("web-1", 1860),
    "sign-key-unreadable": lambda: SignKey.objects.update(secret_ciphertext="rubbish"),
    "account-unreadable": lambda: WalletAccount.objects.filter(wallet="Alipay").update(
        secrets_ciphertext="x"
    ),
    "sign-key-empty": lambda: SignKey.objects.update(secret_ciphertext=encrypt(" ")),
    "order-state-unknown": of_open(Order, state="lost"),
    "payment-state-unknown": of_open(Payment, state="lost"),
    "refund-state-unknown": one(Refund, state="lost"),
    "notification-state-unknown": one(Notification, state="lost"),
    "try-state-unknown": lambda: NotificationAttempt.objects.update(state="lost"),
    "dated-but-not-paid": of_open(Order, paid_at=LONG_AGO),
    "order-lives-too-long": of_open(Order, expires_at=FAR),
    "paid-without-number": one(Payment, trade_no=""),
    "applied-and-unapplied": one(Payment, is_unapplied=True),
    "unapplied-but-not-paid": of_open(Payment, is_unapplied=True),
    "refund-of-other-kind": lambda: Refund.objects.filter(kind="late").update(kind="order"),
    "delivered-without-date": lambda: taken(delivered_at=None),
    "delivered-without-try": one(Notification, state="delivered", delivered_at=LONG_AGO),
    "notified-elsewhere": one(Notification, url="https://elsewhere.example/n"),
    "archived-but-notified": lambda: ArchivedNumber.objects.create(
        partner=Partner.objects.get(), kind="payment", number="p", order_no="n", noticed_at=LONG_AGO
    ),
    "figures-differ": both(
        lambda: FigureMark.objects.begin("backfill", 99),
        lambda: Order.objects.update(created_at=clock.now() - timedelta(days=5)),
    ),
    "payment-not-posted": lambda: long_quiet(),
    "refund-not-posted": both(lambda: post(), lambda: long_quiet(), one(Refund, amount=699)),
    "bill-fees-not-posted": lambda: leave_bill(),
    "notified-otherwise": lambda: rewrite('"orderAmount":2100', '"orderAmount":2101'),
}


def long_quiet() -> None:
    """The worker has posted what there was then, and nothing since."""
    PostingMark.objects.begin(EVENTS)
    PostingMark.objects.stamp()
    OrderEvent.objects.update(at=LONG_AGO)


def leave_bill() -> None:
    """A bill that no worker has come to."""
    account = WalletAccount.objects.get(wallet="Wechat")
    day = LONG_AGO.date()
    BillFile.objects.create(
        account=account,
        bill_type="trade",
        day=day,
        last_day=day,
        source="api",
        state="read",
        read_at=LONG_AGO,
    )


def taken(**columns: Any) -> None:
    """The merchant took the message."""
    NotificationAttempt.objects.update(state="acknowledged")
    Notification.objects.update(state="delivered", **{"delivered_at": LONG_AGO, **columns})


def rewrite(before: str, after: str) -> None:
    """Change what is told of the paid order."""
    told = Notification.objects.get(kind="paid")
    assert before in told.content
    Notification.objects.filter(pk=told.pk).update(content=told.content.replace(before, after))


def found(*, repair: bool = False) -> dict[str, bool]:
    """check -> whether it was mended."""
    return {broken.check.code: broken.is_repaired for broken in audit(repair=repair)}


def is_found_and_repaired(code: str) -> None:
    """A seed is found, and repaired where its check has a repair."""
    SEEDS[code]()
    check = next(check for check in ALL_CHECKS if check.code == code)
    assert code in found()
    assert found(repair=True)[code] == (check.repair is not None)
    if check.repair is not None:
        assert code not in found(repair=True)
    else:
        assert code in found()


def codes(checks: tuple[Check, ...]) -> list[str]:
    """The names of a module's checks."""
    return [check.code for check in checks]
