"""Refunds that somebody made in a platform's own console: the money went back, and we take that over."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from scanforpay_django import clock
from scanforpay_django.exceptions import PlatformRefused
from scanforpay_django.flows.import_platform_refund import import_refund
from scanforpay_django.flows.overdue import MAX_FAILING
from scanforpay_django.flows.poll_platforms import poll_platforms
from scanforpay_django.models import Flag, Notification, Order, Payment, PlatformNotification, Refund
from scanforpay_django.wallets.base import RefundResult, RefundState
from tests.causes import NOTIFICATION
from tests.merchant import Merchant
from tests.paid_order import order, pay, quick
from tests.paid_order import refund as ask_refund
from tests.platform import AlipayNotice, WeChatNotice, merchant, open_payment
from tests.scripted import Platform, platform

__all__ = ["merchant", "order", "platform", "quick"]

REFUND = {
    "event_type": "REFUND.SUCCESS",
    "changes": {
        "refund_status": "SUCCESS",
        "out_refund_no": "made-in-the-console",
        "refund_id": "50300000000001",
        "amount": {"total": 2100, "refund": 700, "payer_total": 2100, "payer_refund": 700},
    },
}


def paid(merchant: Merchant, wallet: str, notice: type) -> Payment:
    """A paid order's payment."""
    payment = open_payment(merchant, wallet, notifyUrl="https://shop.example/n")
    assert notice(payment).send().status_code == 200
    payment.refresh_from_db()
    assert payment.state == "paid"
    return payment


def figures() -> tuple[str, int, int, int]:
    """Order's state and refunded amount, the payment's refunded and reserved amounts."""
    order, payment = Order.objects.get(), Payment.objects.get()
    return order.state, order.refunded_amount, payment.refunded_amount, payment.reserved_amount


def test_wechats_message_is_taken_over_once(merchant: Merchant) -> None:
    payment = paid(merchant, "Wechat", WeChatNotice)
    for event in ("EV-2", "EV-2", "EV-3"):
        answer = WeChatNotice(payment, event_id=event, **REFUND).send()
        assert json.loads(answer.content)["code"] == "SUCCESS"
    assert figures() == ("paid", 700, 700, 0)
    refund = Refund.objects.get()
    assert (refund.source, refund.kind, refund.state, refund.refund_id) == (
        "platform",
        "order",
        "succeeded",
        "50300000000001",
    )
    event = Order.objects.get().events.last()
    assert (event.source, event.request_id, event.data["amount"]) == ("platform_notify", "EV-2", 700)


def console_refund(payment: Payment, event: str, status: str, **changes: object) -> int:
    """The HTTP status of our answer to WeChat Pay's message about a refund made in its console."""
    kind = {"ABNORMAL": "REFUND.ABNORMAL", "CLOSED": "REFUND.CLOSED"}.get(status, "REFUND.SUCCESS")
    changed = {**REFUND["changes"], "refund_status": status, **changes}
    return WeChatNotice(payment, event_id=event, event_type=kind, changes=changed).send().status_code


def test_a_refund_before_its_payment_is_not_acknowledged_until_it_can_be_applied(merchant: Merchant) -> None:
    payment = open_payment(merchant, "Wechat", notifyUrl="https://shop.example/n")
    whole = {"amount": {"total": 2100, "refund": 2100}}
    assert console_refund(payment, "EV-2", "SUCCESS", **whole) == 400
    assert PlatformNotification.objects.get().outcome == "unknown"
    assert WeChatNotice(payment).send().status_code == 200
    assert console_refund(payment, "EV-2", "SUCCESS", **whole) == 200
    assert figures() == ("refunded", 2100, 2100, 0)
    assert PlatformNotification.objects.get(event_id="EV-2").outcome == "succeeded"


def test_a_refund_of_an_unknown_payment_is_not_acknowledged(merchant: Merchant) -> None:
    payment = open_payment(merchant, "Wechat")
    assert console_refund(payment, "EV-2", "SUCCESS", out_trade_no="X" * 28) == 400
    assert not Refund.objects.exists()


def test_wechats_refund_under_way_is_followed_to_its_end(merchant: Merchant) -> None:
    payment = paid(merchant, "Wechat", WeChatNotice)
    assert console_refund(payment, "EV-2", "PROCESSING") == 200
    assert figures() == ("paid", 0, 0, 700)
    refund = Refund.objects.get()
    assert (refund.state, refund.out_refund_no, refund.source) == (
        "processing",
        "made-in-the-console",
        "platform",
    )
    assert refund.next_at is not None
    assert console_refund(payment, "EV-3", "SUCCESS") == 200
    assert figures() == ("paid", 700, 700, 0)


def test_a_console_refund_that_cannot_reach_its_payer_is_flagged(merchant: Merchant) -> None:
    payment = paid(merchant, "Wechat", WeChatNotice)
    assert console_refund(payment, "EV-2", "ABNORMAL") == 200
    assert Refund.objects.get().state == "payer_unreachable"
    assert Flag.objects.get().kind == "refund_stuck"
    assert figures() == ("paid", 0, 0, 700)


def test_a_console_refund_that_was_closed_is_in_the_timeline(merchant: Merchant) -> None:
    payment = paid(merchant, "Wechat", WeChatNotice)
    assert console_refund(payment, "EV-2", "CLOSED") == 200
    assert Order.objects.get().events.last().data["state"] == "failed"
    assert not Refund.objects.exists()
    assert figures() == ("paid", 0, 0, 0)


def test_a_console_refund_under_way_that_is_closed_frees_its_amount(merchant: Merchant) -> None:
    payment = paid(merchant, "Wechat", WeChatNotice)
    assert console_refund(payment, "EV-2", "PROCESSING") == 200
    assert console_refund(payment, "EV-3", "CLOSED") == 200
    assert Refund.objects.get().state == "failed"
    assert figures() == ("paid", 0, 0, 0)


def test_alipays_sum_is_taken_over_step_by_step(merchant: Merchant) -> None:
    payment = paid(merchant, "Alipay", AlipayNotice)
    for number, total in (("ali-2", "7.00"), ("ali-2", "7.00"), ("ali-3", "7.00"), ("ali-4", "10.00")):
        part = {"notify_id": number, "refund_fee": total, "gmt_refund": "2026-11-23 11:00:00"}
        assert AlipayNotice(payment, changes=part).send().content == b"success"
    assert figures() == ("paid", 1000, 1000, 0)
    assert sorted(Refund.objects.values_list("amount", flat=True)) == [300, 700]
    whole = {"notify_id": "ali-5", "refund_fee": "21.00", "trade_status": "TRADE_CLOSED"}
    assert AlipayNotice(payment, changes=whole).send().content == b"success"
    assert figures() == ("refunded", 2100, 2100, 0)
    assert merchant.query(orderNo=Order.objects.get().order_no)["status"] == 3


def test_alipays_sum_is_imported_under_the_number_of_the_message(merchant: Merchant) -> None:
    """So a refund that a restore lost is found when the merchant repeats it."""
    payment = paid(merchant, "Alipay", AlipayNotice)
    part = {"refund_fee": "7.00", "gmt_refund": "2026-11-23 11:00:00", "out_biz_no": "a-number-of-theirs"}
    assert AlipayNotice(payment, changes=part).send().content == b"success"
    assert Refund.objects.get().out_refund_no == "a-number-of-theirs"


def test_what_is_under_way_here_is_not_taken_for_the_consoles(merchant: Merchant) -> None:
    payment = paid(merchant, "Alipay", AlipayNotice)
    Payment.objects.update(reserved_amount=700)
    mine = Refund.objects.create(
        partner=merchant.partner,
        order=payment.order,
        payment=payment,
        refund_no="r1",
        amount=700,
        currency="CNY",
    )
    part = {"notify_id": "ali-2", "refund_fee": "7.00", "out_biz_no": mine.out_refund_no}
    assert AlipayNotice(payment, changes=part).send().content == b"success"
    assert figures() == ("paid", 0, 0, 700)
    assert Refund.objects.count() == 1


def test_a_refund_that_counted_as_failed_is_recognised_by_its_number(merchant: Merchant) -> None:
    payment = paid(merchant, "Alipay", AlipayNotice)
    mine = Refund.objects.create(
        partner=merchant.partner,
        order=payment.order,
        payment=payment,
        refund_no="r1",
        amount=700,
        currency="CNY",
        state="failed",
    )
    part = {"notify_id": "ali-2", "refund_fee": "7.00", "out_biz_no": mine.out_refund_no}
    assert AlipayNotice(payment, changes=part).send().content == b"success"
    assert figures() == ("paid", 700, 700, 0)
    assert Refund.objects.get().state == "succeeded"


def test_more_than_can_be_left_is_an_alarm(merchant: Merchant) -> None:
    payment = paid(merchant, "Wechat", WeChatNotice)
    Payment.objects.update(reserved_amount=2000)
    assert WeChatNotice(payment, event_id="EV-2", **REFUND).send().status_code == 200
    assert Flag.objects.get().kind == "over_refunded"
    assert figures() == ("paid", 0, 0, 2000)


def test_an_order_that_was_returned_before_we_heard_of_it_is_refunded(merchant: Merchant) -> None:
    payment = open_payment(merchant, "Alipay", notifyUrl="https://shop.example/n")
    whole = {"refund_fee": "21.00", "trade_status": "TRADE_CLOSED"}
    assert AlipayNotice(payment, changes=whole).send().content == b"success"
    assert figures() == ("refunded", 2100, 2100, 0)
    states = [event.to_state for event in Order.objects.get().events.all()]
    assert states == ["paid", "refunded"]
    assert not Notification.objects.exists()


@pytest.mark.parametrize(
    "evidence",
    [
        {"refund_fee": "21.00"},
        {"refund_fee": "21.00", "gmt_payment": ""},
        {"gmt_refund": "2026-11-23 11:00:00"},
        {"buyer_pay_amount": "21.00"},
        {"receipt_amount": "20.80"},
    ],
)
def test_without_the_day_of_payment_a_refund_tells_that_it_was_paid(
    merchant: Merchant, evidence: dict
) -> None:
    payment = open_payment(merchant, "Alipay", notifyUrl="https://shop.example/n")
    changes = {"trade_status": "TRADE_CLOSED", "gmt_payment": None, **evidence}
    assert AlipayNotice(payment, changes=changes).send().content == b"success"
    assert figures() == ("refunded", 2100, 2100, 0)
    assert not Notification.objects.exists()


def test_closed_without_any_of_it_was_never_paid(merchant: Merchant) -> None:
    payment = open_payment(merchant, "Alipay", notifyUrl="https://shop.example/n")
    changes = {
        "trade_status": "TRADE_CLOSED",
        "gmt_payment": None,
        "refund_fee": "0.00",
        "buyer_pay_amount": "0.00",
    }
    assert AlipayNotice(payment, changes=changes).send().content == b"success"
    payment.refresh_from_db()
    assert (payment.state, payment.order.state) == ("closed", "pending")


def test_closed_after_a_refund_in_part_was_paid(merchant: Merchant) -> None:
    payment = open_payment(merchant, "Alipay", notifyUrl="https://shop.example/n")
    changes = {"trade_status": "TRADE_CLOSED", "refund_fee": "7.00"}
    assert AlipayNotice(payment, changes=changes).send().content == b"success"
    assert figures() == ("paid", 700, 700, 0)
    assert Notification.objects.count() == 1


def test_a_paid_code_that_was_returned_in_the_console_is_refunded(merchant: Merchant) -> None:
    payment = paid(merchant, "Alipay", AlipayNotice)
    Order.objects.update(entry="barcode")
    whole = {"notify_id": "ali-2", "refund_fee": "21.00", "trade_status": "TRADE_CLOSED"}
    assert AlipayNotice(payment, changes=whole).send().content == b"success"
    assert figures() == ("refunded", 2100, 2100, 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("state", [RefundState.SUCCEEDED, RefundState.PROCESSING])
@pytest.mark.parametrize("tries", [2, 3])
def test_a_try_that_counted_as_failed_and_went_through_is_flagged(
    merchant: Merchant, order: Order, platform: Platform, state: RefundState, tries: int
) -> None:
    """The same refund was sent anew meanwhile, under another number: the money goes twice."""
    platform.script["refund"] = PlatformRefused(platform_code="NOT_ENOUGH")
    numbers = []
    for _ in range(tries - 1):
        assert ask_refund(merchant)["status"] == 2
        numbers.append(Refund.objects.get().out_refund_no)
    platform.script.clear()
    assert ask_refund(merchant)["status"] == 1
    went = RefundResult(out_refund_no=numbers[-1], state=state, amount=700)
    assert import_refund(Payment.objects.get(), went, NOTIFICATION)
    assert Flag.objects.get().kind == "over_refunded"
    assert Refund.objects.filter(source="platform").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "state", [RefundState.PROCESSING, RefundState.PAYER_UNREACHABLE, RefundState.UNKNOWN]
)
@pytest.mark.parametrize("is_taken", [False, True])
def test_a_refund_of_the_consoles_is_never_sent_from_here(
    merchant: Merchant, order: Order, platform: Platform, state: RefundState, is_taken: bool
) -> None:
    """Not even when the platform does not know it by the number that the row has."""
    if is_taken:
        merchant.create(partnerOrderNo="p2")
        pay(platform, Order.objects.get(partner_order_no="p2"), "b")
        other = Payment.objects.get(order__partner_order_no="p2")
        done = RefundResult(out_refund_no="ERP-1", state=RefundState.SUCCEEDED, amount=100)
        assert import_refund(other, done, NOTIFICATION)
    payment = Payment.objects.get(order=order)
    made = RefundResult(out_refund_no="ERP-1", state=state, amount=700, refund_id="5030001")
    assert import_refund(payment, made, NOTIFICATION)
    for _ in range(3):
        past = clock.now() - timedelta(days=1)
        payment.refunds.update(next_at=past, sent_at=past)
        poll_platforms()
    assert not platform.refunds
    payment.refresh_from_db()
    assert payment.reserved_amount == 700
    payment.refunds.update(failing_since=clock.now() - MAX_FAILING)
    poll_platforms()
    assert "refund_overdue" in Flag.objects.filter(order=order).values_list("kind", flat=True)
    assert import_refund(payment, replace(made, state=RefundState.SUCCEEDED), NOTIFICATION)
    payment.refresh_from_db()
    assert (payment.refunded_amount, payment.reserved_amount) == (700, 0)
    assert payment.refunds.count() == 1
