"""Every corruption that the audit knows is seeded, found, and, where that is safe, mended."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from scanforpay_django.encryption import encrypt
from scanforpay_django.flows.apply_payment import apply_payment
from scanforpay_django.flows.carry_out_refund import carry_out
from scanforpay_django.flows.poll_platforms import poll_platforms
from scanforpay_django.flows.refund_order import RequestedRefund, request_refund
from scanforpay_django.models import (
    Notification,
    NotificationAttempt,
    Order,
    OrderEvent,
    Partner,
    Payment,
    PlatformNotification,
    Refund,
    SignKey,
    Store,
    WalletAccount,
)
from scanforpay_django.operations.audit import ALL_CHECKS, audit, run
from scanforpay_django.wallets.base import PaymentResult, TradeState
from tests.causes import API, NOTIFICATION, STAFF
from tests.merchant import Merchant, add_account
from tests.scripted import Platform, platform, start

__all__ = ["platform"]
pytestmark = pytest.mark.django_db(transaction=True)


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
    return lambda: Notification.objects.create(
        order=Order.objects.get(partner_order_no=number),
        url="https://shop.example/n",
        endpoint="10001 https://shop.example",
        content="{}",
        state=state,
    )


FAR = timezone.now() + timedelta(days=30)
LONG_AGO = timezone.now() - timedelta(days=30)
# check -> what breaks it
SEEDS: dict[str, Callable[[], object]] = {
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
        state="requested", finished_at=None, next_at=timezone.now()
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
    "notified-otherwise": lambda: rewrite('"orderAmount":2100', '"orderAmount":2101'),
}


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


def test_what_is_well_is_well(busy: Merchant) -> None:
    assert found() == {}


def test_every_check_has_its_seed() -> None:
    assert sorted(SEEDS) == sorted(check.code for check in ALL_CHECKS)
    assert len(ALL_CHECKS) >= 20


@pytest.mark.parametrize("code", SEEDS)
def test_a_seeded_corruption_is_found_and_mended_where_that_is_safe(busy: Merchant, code: str) -> None:
    SEEDS[code]()
    check = next(check for check in ALL_CHECKS if check.code == code)
    assert code in found()
    assert found(repair=True)[code] == (check.repair is not None)
    if check.repair is not None:
        assert code not in found(repair=True)
    else:
        assert code in found()


def test_a_reservation_is_never_lowered(busy: Merchant) -> None:
    one(Payment, reserved_amount=500)()
    assert found(repair=True) == {"payment-reserved-figure": False}
    assert Payment.objects.get(order__partner_order_no="paid").reserved_amount == 500


def test_a_missing_message_is_written_once_and_sent(busy: Merchant) -> None:
    forget_messages()
    assert found(repair=True) == {"paid-but-not-notified": True}
    assert found(repair=True) == {}
    message = Notification.objects.get()
    assert (message.order.partner_order_no, message.state) == ("paid", "pending")


def test_the_command_says_what_it_found(busy: Merchant) -> None:
    told = StringIO()
    call_command("scanforpay_audit", stdout=told)
    assert told.getvalue() == f"{len(ALL_CHECKS)} checks: 0 failed, 0 repaired\n"
    one(Order, paid_at=None)()
    one(Order, refunded_amount=0)()
    told = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("scanforpay_audit", repair=True, stdout=told)
    assert ended.value.code == 1
    assert "repaired paid-without-date: order" in told.getvalue()
    assert "FAILED order-refund-figure: order" in told.getvalue()
    call_command("scanforpay_audit", check=["paid-without-date"], stdout=told)
    with pytest.raises(CommandError, match="no such check: x"):
        call_command("scanforpay_audit", check=["x"])
    call_command("scanforpay_audit", list=True, stdout=told)
    assert "paid-but-not-notified (invariant 3, repaired with --repair)" in told.getvalue()


@pytest.mark.parametrize(
    "seed",
    [
        one(Refund, kind="duplicate"),
        one(Refund, kind="gift"),
        lambda: Refund.objects.filter(kind="late").update(kind="mismatch"),
        both(
            of_late(Payment, paid_amount=2101),
            lambda: Refund.objects.filter(kind="late").update(kind="duplicate"),
        ),
    ],
)
def test_a_refund_of_any_kind_but_its_own_is_found(busy: Merchant, seed: Callable[[], object]) -> None:
    seed()
    assert found()["refund-of-other-kind"] is False


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"partnerNo":"10001"', '"partnerNo":"10002"'),
        ('"partnerOrderNo":"paid"', '"partnerOrderNo":"late"'),
        ('"currency":"CNY"', '"currency":"HKD"'),
        ('"status":1', '"status":2'),
        ('{"header"', '["header"'),
        ('"body":{', '"nobody":{'),
    ],
)
def test_a_message_that_says_something_else_is_found(busy: Merchant, before: str, after: str) -> None:
    rewrite(before, after)
    assert found() == {"notified-otherwise": False}


def refund_told(busy: Merchant) -> Notification:
    Partner.objects.update(notify_refunds=True)
    order = Order.objects.get(partner_order_no="paid")
    carry_out(request_refund(order, RequestedRefund(cause=API, refund_no="r2", amount=100)))
    return Notification.objects.get(kind="refund")


def test_a_message_of_a_refund_is_compared_with_its_refund(busy: Merchant) -> None:
    message = refund_told(busy)
    assert found() == {}
    Refund.objects.filter(refund_no="r2").update(refund_no="r3")
    assert found() == {"notified-otherwise": False}
    Notification.objects.filter(pk=message.pk).update(refund=Refund.objects.get(kind="late"))
    assert found() == {"notified-otherwise": False}


def test_a_key_without_a_ciphertext_is_unreadable(busy: Merchant) -> None:
    SignKey.objects.update(secret_ciphertext="")
    assert found() == {"sign-key-unreadable": False}


def test_secrets_of_an_account_that_are_no_names_are_unreadable(busy: Merchant) -> None:
    WalletAccount.objects.filter(wallet="Alipay").update(secrets_ciphertext=encrypt("[]"))
    assert found() == {"account-unreadable": False}


def test_a_delivery_is_dated_by_the_try_that_was_taken(busy: Merchant) -> None:
    taken(delivered_at=None)
    assert found(repair=True) == {"delivered-without-date": True}
    assert found() == {}
    assert Notification.objects.get().delivered_at == NotificationAttempt.objects.get().started_at


def test_a_delivery_without_a_try_is_not_dated(busy: Merchant) -> None:
    one(Notification, state="delivered")()
    assert found(repair=True) == {"delivered-without-date": False, "delivered-without-try": False}


# -- what the rows alone cannot decide is never mended -------------------------------------------------------


def swept() -> None:
    Refund.objects.filter(next_at__isnull=False).update(next_at=timezone.now())
    poll_platforms()


def test_nobody_is_told_of_a_payment_that_the_rows_do_not_prove(busy: Merchant) -> None:
    """Somebody wrote "paid" into the rows; a signed message to the merchant would make it goods."""
    payment = opened(busy, "forged")
    Payment.objects.filter(pk=payment.pk).update(is_applied=True)
    Order.objects.filter(pk=payment.order_id).update(state="paid", paid_at=timezone.now())
    list(audit(repair=True))
    assert not Notification.objects.filter(order=payment.order_id).exists()


def test_a_message_is_not_withdrawn_while_money_is_there(busy: Merchant) -> None:
    """The order's state was lost, not its payment: the merchant still has to be told."""
    payment = opened(busy, "lost")
    arrive(payment)
    Order.objects.filter(pk=payment.order_id).update(state="pending")
    list(audit(repair=True))
    assert Notification.objects.get(order=payment.order_id).state == "pending"


def test_the_only_payment_of_a_paid_order_does_not_become_surplus(busy: Merchant) -> None:
    """Staff give surplus back in one step, and the goods are gone."""
    payment = opened(busy, "unsettled")
    arrive(payment)
    Payment.objects.filter(pk=payment.pk).update(is_applied=False)
    list(audit(repair=True))
    payment.refresh_from_db()
    assert not payment.is_unapplied
    assert not payment.order.flags.exists()


def test_a_refund_without_its_reservation_does_not_set_out(busy: Merchant, platform: Platform) -> None:
    payment = opened(busy, "whole")
    arrive(payment)
    order = Order.objects.get(pk=payment.order_id)
    carry_out(request_refund(order, RequestedRefund(cause=API, refund_no="all", amount=2100)))
    before = dict(platform.refunds)
    Refund.objects.create(
        partner=busy.partner,
        order=order,
        payment=payment,
        refund_no="forged",
        amount=700,
        currency="CNY",
        next_at=None,
    )
    list(audit(repair=True))
    swept()
    assert platform.refunds == before


@pytest.mark.parametrize(
    ("code", "seed"),
    [
        ("payment-not-watched", of_open(Payment, next_query_at=FAR + timedelta(days=30))),
        ("payment-not-watched", of_open(Payment, queried_at=FAR)),
        (
            "refund-not-watched",
            both(
                one(Refund, state="processing", next_at=FAR, finished_at=None),
                one(Payment, refunded_amount=0, reserved_amount=700),
                one(Order, refunded_amount=0),
            ),
        ),
    ],
)
def test_what_is_to_be_looked_at_next_month_is_not_watched(
    busy: Merchant, code: str, seed: Callable[[], object]
) -> None:
    seed()
    assert found() == {code: False}
    assert found(repair=True) == {code: True}
    assert found() == {}
