"""Door 1: refunds, once per wish and never more than was paid."""

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from scanforpay_django.exceptions import PlatformRefused, PlatformTimeout, PlatformUnreachable
from scanforpay_django.flows.apply_payment import apply_payment
from scanforpay_django.flows.poll_platforms import poll_platforms
from scanforpay_django.flows.record_refund import record_refund_result
from scanforpay_django.merchant_notify.claim import claim
from scanforpay_django.models import Flag, Notification, Order, Partner, Payment, Refund
from scanforpay_django.wallets.base import PaymentResult, RefundResult, RefundState, TradeState
from tests.causes import NOTIFICATION
from tests.merchant import Merchant
from tests.scripted import Platform, platform, start

__all__ = ["platform"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def quick(settings) -> None:
    """The API does not wait for what does not come."""
    settings.SCANFORPAY_REFUND_HOLD_SECONDS = 0


@pytest.fixture
def order(merchant: Merchant, platform: Platform, quick: None) -> Order:
    """A paid order of 2100, number p1."""
    merchant.create(partnerOrderNo="p1", notifyUrl="https://shop.example/n")
    return pay(platform, Order.objects.get())


def pay(platform: Platform, order: Order, who: str = "a") -> Order:
    number = start(order, who).params["number"]
    platform.pay(number)
    payment = Payment.objects.get(out_trade_no=number)
    apply_payment(payment, paid(number), NOTIFICATION)
    order.refresh_from_db()
    return order


def paid(number: str) -> PaymentResult:
    return PaymentResult(
        out_trade_no=number, state=TradeState.PAID, amount=2100, currency="CNY", trade_no=f"t{number}"
    )


def refund(merchant: Merchant, number: str = "r1", amount: object = 700, **more: object) -> dict:
    body = {"partnerOrderNo": "p1", "refundNo": number, "orderAmount": amount, **more}
    return merchant.call("/api/common/refund", body)


def figures() -> tuple[int, int, int]:
    payment, order = Payment.objects.get(is_applied=True), Order.objects.get(partner_order_no="p1")
    assert 0 <= payment.refunded_amount + payment.reserved_amount <= payment.paid_amount
    return order.refunded_amount, payment.refunded_amount, payment.reserved_amount


def test_partial_refunds_up_to_the_whole(merchant: Merchant, order: Order, platform: Platform) -> None:
    first = refund(merchant, tradeSummary=True, operatorId="o")
    assert first == {
        "code": 1, "msg": "success", "refundNo": "r1", "partnerOrderNo": "p1", "orderAmount": 700,
        "currency": "CNY", "status": 1,
    }  # fmt: skip
    assert merchant.query(partnerOrderNo="p1")["status"] == 1
    assert refund(merchant, "r2", 1400)["status"] == 1
    assert merchant.query(partnerOrderNo="p1")["status"] == 3
    assert figures() == (2100, 2100, 0)
    assert sum(platform.refunds.values()) == 2100
    told = [(event.source, event.to_state, event.data.get("state")) for event in order.events.all()]
    assert told == [
        ("platform_notify", "paid", None),
        ("api", "paid", "requested"),
        ("platform_query", "paid", "succeeded"),
        ("api", "paid", "requested"),
        ("platform_query", "refunded", "succeeded"),
    ]
    assert refund(merchant, "r3", 1)["code"] == 35


def test_the_same_call_again_is_the_same_refund(merchant: Merchant, order: Order, platform: Platform) -> None:
    assert refund(merchant) == refund(merchant)
    assert list(platform.refunds.values()) == [700]
    assert refund(merchant, amount=701)["code"] == 31
    assert merchant.call("/api/common/refundQuery", {"refundNo": "r1"})["status"] == 1


@pytest.mark.parametrize("state", ["pending", "closed", "expired"])
def test_only_paid_orders_are_refunded(
    merchant: Merchant, platform: Platform, quick: None, state: str
) -> None:
    merchant.create(partnerOrderNo="p1")
    Order.objects.update(state=state)
    assert refund(merchant)["code"] == 32


@pytest.mark.parametrize(
    ("number", "amount", "code"),
    [("r1", 2101, 35), ("", 700, 4), ("r1", 0, 5), ("r1", None, 4), ("r 1", 700, 5), ("r1", "700", 5)],
)
def test_bad_refunds_are_named(
    merchant: Merchant, order: Order, number: str, amount: object, code: int
) -> None:
    assert refund(merchant, number, amount)["code"] == code
    assert figures() == (0, 0, 0)


def test_unknown_numbers_are_30(merchant: Merchant, order: Order) -> None:
    assert merchant.call("/api/common/refundQuery", {"refundNo": "r9"})["code"] == 30
    body = {"partnerOrderNo": "p9", "refundNo": "r1", "orderAmount": 1}
    assert merchant.call("/api/common/refund", body)["code"] == 30


def test_a_refund_without_an_answer_is_found_by_asking(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    def acts_and_hangs(real: Callable[[], object]) -> None:
        real()
        raise PlatformTimeout

    platform.script["refund"] = acts_and_hangs
    assert refund(merchant)["status"] == 0
    assert figures() == (0, 0, 700)
    # The shop takes 0 as failed and asks under another number: refused while the first may still arrive.
    assert refund(merchant, "r2")["code"] == 32
    platform.script.clear()
    Refund.objects.update(next_at=timezone.now())
    poll_platforms()
    assert merchant.call("/api/common/refundQuery", {"refundNo": "r1"})["status"] == 1
    assert list(platform.refunds.values()) == [700]
    assert figures() == (700, 700, 0)


def test_a_refund_that_was_never_sent_is_sent_later(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    platform.script["refund"] = PlatformUnreachable()
    assert refund(merchant)["status"] == 0
    platform.script.clear()
    Refund.objects.update(next_at=timezone.now())
    poll_platforms()
    assert figures() == (700, 700, 0)


def test_a_word_that_arrives_while_it_is_asked_about_counts_once(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    platform.script["refund"] = PlatformTimeout()
    assert refund(merchant)["status"] == 0
    made = Refund.objects.get()

    def is_overtaken(real: Callable[[], object]) -> object:
        answer = real()
        arrived = RefundResult(out_refund_no=made.out_refund_no, state=RefundState.SUCCEEDED, amount=700)
        record_refund_result(made, arrived, NOTIFICATION)
        return answer

    platform.script = {"query_refund": is_overtaken}
    Refund.objects.update(next_at=timezone.now())
    poll_platforms()
    assert figures() == (700, 700, 0)
    assert Refund.objects.get().state == "succeeded"


def test_another_amount_is_not_believed(merchant: Merchant, order: Order, platform: Platform) -> None:
    platform.script["refund"] = PlatformTimeout()
    refund(merchant)
    made = Refund.objects.get()
    told = RefundResult(out_refund_no=made.out_refund_no, state=RefundState.SUCCEEDED, amount=1)
    record_refund_result(made, told, NOTIFICATION)
    made.refresh_from_db()
    assert (made.state, made.platform_code) == ("unknown", "another amount")
    assert figures() == (0, 0, 700)


def test_a_refused_refund_frees_its_amount_and_may_be_asked_again(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    platform.script["refund"] = PlatformRefused(platform_code="NOT_ENOUGH")
    assert (refund(merchant)["code"], refund(merchant)["status"]) == (2, 2)
    assert figures() == (0, 0, 0)
    first = Refund.objects.get().out_refund_no
    platform.script.clear()
    assert refund(merchant)["status"] == 1
    assert Refund.objects.get().out_refund_no != first
    assert figures() == (700, 700, 0)


def test_a_refused_refund_that_arrives_all_the_same_is_recorded(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    platform.script["refund"] = PlatformRefused(platform_code="NOT_ENOUGH")
    refund(merchant)
    failed = Refund.objects.get()
    platform.script.clear()
    assert refund(merchant, "r2", 2100)["status"] == 1
    arrived = RefundResult(out_refund_no=failed.out_refund_no, state=RefundState.SUCCEEDED, amount=700)
    record_refund_result(failed, arrived, NOTIFICATION)
    assert figures() == (2100, 2100, 0)
    assert Flag.objects.get().kind == "over_refunded"
    assert Refund.objects.get(refund_no="r1").state == "succeeded"


def test_late_and_surplus_money_goes_back_by_itself(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    merchant.create(partnerOrderNo="p2")
    late = Order.objects.get(partner_order_no="p2")
    number = start(late, "a").params["number"]
    Order.objects.filter(pk=late.pk).update(state="expired")
    platform.pay(number)
    apply_payment(Payment.objects.get(out_trade_no=number), paid(number), NOTIFICATION)
    poll_platforms()
    late.refresh_from_db()
    made = late.refunds.get()
    assert (late.state, late.refunded_amount, made.kind, made.state) == ("expired", 0, "late", "succeeded")
    assert Flag.objects.get(order=late).kind == "late_payment"


def test_20_parallel_refunds_of_30_percent_make_three(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    barrier = threading.Barrier(20)

    def ask(n: int) -> int:
        try:
            barrier.wait(timeout=30)
            return refund(merchant, f"r{n}", 630)["code"]
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(ask, range(20)))
    assert sorted(answers) == [1] * 3 + [35] * 17
    assert sum(platform.refunds.values()) == figures()[1] <= 2100


def test_20_parallel_identical_refunds_make_one(merchant: Merchant, order: Order, platform: Platform) -> None:
    def ask(_n: int) -> int:
        try:
            return refund(merchant)["code"]
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        assert set(pool.map(ask, range(20))) == {1}
    Refund.objects.update(next_at=timezone.now() - timedelta(seconds=1))
    poll_platforms()
    assert list(platform.refunds.values()) == [700]
    assert figures() == (700, 700, 0)


def test_a_shop_that_cannot_wait_is_told_refunded_when_it_is_accepted(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    Partner.objects.update(accepted_is_refunded=True)
    platform.script["refund"] = PlatformTimeout()
    assert refund(merchant)["status"] == 1
    assert Refund.objects.get().state in Refund.UNFINISHED


def test_refunds_are_notified_to_partners_that_ask_for_it(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    refund(merchant, "r1")
    assert [one.kind for one in Notification.objects.all()] == ["paid"]
    Partner.objects.update(notify_refunds=True)
    told = refund(merchant, "r2", 1400)
    note = Notification.objects.get(kind="refund")
    assert json.loads(note.content)["body"] == told
    assert note.refund == Refund.objects.get(refund_no="r2")


def test_a_refunds_notification_is_true_after_the_order_was_refunded(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    Partner.objects.update(notify_refunds=True)
    refund(merchant, "r1", 2100)
    taken = claim(10)
    assert [json.loads(one.body)["response"]["body"]["refundNo"] for one in taken.taken] == ["r1"]
    assert Notification.objects.get(kind="paid").state == "superseded"


def test_an_equal_wish_that_comes_later_waits_for_the_first(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    """A shop that never got its answer asks again under another number: nothing may tell it from a second wish."""
    platform.script["refund"] = PlatformTimeout()
    refund(merchant)
    Refund.objects.update(answered_at=None)
    assert refund(merchant, "r2")["code"] == 1
    Refund.objects.filter(refund_no="r1").update(created_at=timezone.now() - timedelta(seconds=10))
    assert refund(merchant, "r3")["code"] == 32
    assert figures() == (0, 0, 1400)
