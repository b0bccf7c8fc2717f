"""Each act of staff is in the order's timeline and in Django's history."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from scanforpay_django.exceptions import PlatformRefused, PlatformUnreachable
from scanforpay_django.flows.carry_out_refund import carry_out
from scanforpay_django.flows.refund_order import RequestedRefund, request_refund
from scanforpay_django.models import Cause, Flag, Notification, Order, Refund, Source, Store
from tests.admin.pages import url
from tests.admin.test_order_desk import arrive, opened, page
from tests.flows.test_accept_late import arrive_late
from tests.merchant import Merchant
from tests.people import sign_in
from tests.scripted import Platform, platform

__all__ = ["platform"]
pytestmark = pytest.mark.django_db(transaction=True)


def history() -> list[str]:
    """What Django's history of the order says, oldest first."""
    entries = LogEntry.objects.filter(object_id=str(Order.objects.get().pk), content_type__model="order")
    return [one.change_message for one in entries.order_by("pk")]


def events() -> list[dict[str, Any]]:
    return [
        one.data for one in Order.objects.get().events.filter(source="staff", actor="boss").order_by("pk")
    ]


def timeline(staff: Client) -> str:
    text = staff.get(url(Order, "change", Order.objects.get().pk)).content.decode()
    return text[text.index("What happened") :]


def test_closing(merchant: Merchant, platform: Platform, staff: Client) -> None:
    payment = opened(merchant, platform)
    staff.post(page(payment.order_id, "close"))
    assert events() == [{}]
    assert history() == ["Closed the order. The order is now: closed"]
    assert "awaiting payment → closed" in timeline(staff)
    assert "by boss (staff)" in timeline(staff)


def test_closing_what_was_paid_meanwhile(merchant: Merchant, platform: Platform, staff: Client) -> None:
    payment = opened(merchant, platform)
    platform.pay(payment.out_trade_no)
    staff.post(page(payment.order_id, "close"))
    assert events() == [{"act": "close"}]
    assert history() == ["Closed the order. The order is now: paid"]


def test_asking(merchant: Merchant, platform: Platform, staff: Client) -> None:
    payment = opened(merchant, platform)
    staff.post(page(payment.order_id, "ask"))
    assert events() == [{"act": "ask"}]
    assert history() == ["Asked the platform. The order is now: awaiting payment"]
    assert "The platform was asked" in timeline(staff)


@pytest.mark.parametrize("act", ["ask", "close"])
def test_an_act_that_fails_is_told_too(
    merchant: Merchant, platform: Platform, staff: Client, act: str
) -> None:
    payment = opened(merchant, platform)
    platform.script["query"] = PlatformUnreachable()
    staff.post(page(payment.order_id, act))
    (event,) = events()
    assert event["act"] == act
    assert event["why"]
    assert len(history()) == 1


def test_resending(merchant: Merchant, platform: Platform, staff: Client) -> None:
    payment = opened(merchant, platform)
    Order.objects.update(notify_url="https://shop.example/n")
    arrive(payment)
    Notification.objects.update(state="exhausted", attempt_count=9)
    told = Notification.objects.get()
    staff.post(page(payment.order_id, "resend"))
    assert Notification.objects.get().state == "pending"
    assert events() == [{"act": "resend", "message": told.message_id}]
    assert history() == ["1 notification will be resent."]
    Notification.objects.update(attempt_count=0)
    staff.post(page(payment.order_id, "resend"))
    assert len(history()) == 1


def test_refunding(merchant: Merchant, platform: Platform, staff: Client) -> None:
    payment = opened(merchant, platform)
    arrive(payment)
    staff.post(page(payment.order_id, "refund"), {"_refund": "1", "amount": "7.00", "reason": "broken cup"})
    assert [one.get("reason") for one in events()] == ["broken cup"]
    assert history() == ["Refund of CNY 7.00 requested: broken cup. It is now: succeeded"]
    assert "broken cup" in timeline(staff)
    assert timeline(staff).count("broken cup") <= 2


def test_refunding_what_was_not_applied(merchant: Merchant, platform: Platform, staff: Client) -> None:
    payment = arrive_late(merchant, platform)
    form = {"_return": payment.pk, "reason": "too late"}
    staff.post(page(payment.order_id, "refund"), form)
    assert Refund.objects.get().reason == "too late"
    assert history() == ["Refund of CNY 21.00 requested: too late. It is now: succeeded"]


def test_a_refund_that_is_not_made_is_in_no_history(
    merchant: Merchant, platform: Platform, staff: Client
) -> None:
    payment = opened(merchant, platform)
    Order.objects.update(state="closed")
    staff.post(page(payment.order_id, "refund"), {"_refund": "1", "amount": "7.00", "reason": "x"})
    assert history() == []


def test_accepting_a_late_payment(merchant: Merchant, platform: Platform, staff: Client) -> None:
    payment = arrive_late(merchant, platform)
    shown = staff.get(page(payment.order_id, "accept")).content.decode()
    assert "The order becomes paid" in shown
    assert staff.post(page(payment.order_id, "accept"), {"reason": ""}).status_code == 200
    assert Order.objects.get().state == "closed"
    staff.post(page(payment.order_id, "accept"), {"reason": "goods are here"})
    assert Order.objects.get().state == "paid"
    assert history() == ["Accepted the late payment of CNY 21.00: goods are here"]
    assert "Late payment of CNY 21.00 accepted" in timeline(staff)
    again = staff.post(page(payment.order_id, "accept"), {"reason": "x"}, follow=True).content.decode()
    assert "cannot be accepted any more" in again
    assert len(history()) == 1


@pytest.mark.parametrize(("role", "may"), [("shop manager", True), ("accountant", True), ("cashier", False)])
def test_who_may_accept_it(merchant: Merchant, platform: Platform, role: str, may: bool) -> None:
    payment = arrive_late(merchant, platform)
    client = sign_in(role, store=merchant.store)
    assert client.get(page(payment.order_id, "accept")).status_code == (200 if may else 403)
    answer = client.post(page(payment.order_id, "accept"), {"reason": "x"})
    assert answer.status_code == (302 if may else 403)
    assert Order.objects.get().state == ("paid" if may else "closed")


def test_clearing_a_flag(merchant: Merchant, platform: Platform, staff: Client) -> None:
    arrive_late(merchant, platform)
    flag = Flag.objects.get()
    answer = staff.post(url(Flag, "change", flag.pk), {"reason": "settled by phone"})
    assert answer.url == url(Order, "change", flag.order_id)
    assert events() == [
        {"act": "clear_flag", "flag": "late_payment", "flag_id": flag.pk, "reason": "settled by phone"}
    ]
    assert history() == ["Cleared the flag “paid after it was closed or expired”: settled by phone"]
    assert timeline(staff).count("Flag cleared: ") == 1
    flag.refresh_from_db()
    assert flag.cleared_by is not None
    assert flag.cleared_by.get_username() == "boss"


@pytest.mark.parametrize("source", ["staff", "merchant"])
def test_sending_a_failed_refund_again_after_a_top_up(
    merchant: Merchant, platform: Platform, staff: Client, source: str
) -> None:
    payment = opened(merchant, platform)
    arrive(payment)
    platform.script["refund"] = PlatformRefused()
    if source == "staff":
        staff.post(page(payment.order_id, "refund"), {"_refund": "1", "amount": "7.00", "reason": "damp"})
    else:
        order = Order.objects.get()
        requested = RequestedRefund(refund_no="r1", amount=700, cause=Cause(source=Source.API), reason="damp")
        carry_out(request_refund(order, requested))
    assert Refund.objects.get().state == "failed"
    platform.script.clear()
    assert (
        "Send the failed refund again" in staff.get(url(Order, "change", payment.order_id)).content.decode()
    )
    for _ in range(2):
        answer = staff.post(page(payment.order_id, "retry"), follow=True).content.decode()
    assert "There is no refund that could be sent again." in answer
    assert list(platform.refunds.values()) == [700]
    newest = Refund.objects.latest("pk")
    assert (newest.state, newest.refund_no, newest.reason) == (
        "succeeded",
        "r1" if source == "merchant" else "",
        "damp",
    )
    assert Refund.objects.count() == (1 if source == "merchant" else 2)
    assert history()[-1] == "Refund of CNY 7.00 requested: damp. It is now: succeeded"
    assert events()[-1]["reason"] == "damp"


def test_a_failed_refund_above_the_limit_is_not_sent_again_alone(
    merchant: Merchant, platform: Platform
) -> None:
    payment = opened(merchant, platform)
    arrive(payment)
    platform.script["refund"] = PlatformRefused()
    order = Order.objects.get()
    requested = RequestedRefund(refund_no="r1", amount=700, cause=Cause(source=Source.API))
    carry_out(request_refund(order, requested))
    platform.script.clear()
    Store.objects.update(refund_limit=699)
    client = sign_in("shop manager", store=merchant.store)
    assert 'class="error"' in client.post(page(payment.order_id, "retry"), follow=True).content.decode()
    assert Refund.objects.get().state == "failed"
    assert (
        sign_in("cashier", name="c", store=merchant.store).post(page(payment.order_id, "retry")).status_code
        == 403
    )
