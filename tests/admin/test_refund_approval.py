"""A second person confirms a refund above the store's limit, on a page."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from scanforpay_django.models import Flag, Order, Payment, Refund, RefundApproval, Store
from tests.admin.pages import url
from tests.admin.test_order_desk import arrive, opened, page
from tests.flows.test_accept_late import arrive_late
from tests.merchant import Merchant
from tests.people import sign_in
from tests.scripted import Platform, platform

__all__ = ["platform"]
pytestmark = pytest.mark.django_db(transaction=True)


def place() -> str:
    return reverse("admin:scanforpay_refund_approve", args=[RefundApproval.objects.get().pk])


def ask(client: Client, payment: Payment, amount: str = "21.00") -> str:
    form = {"_refund": "1", "amount": amount, "reason": "goods returned"}
    return client.post(page(payment.order_id, "refund"), form, follow=True).content.decode()


@pytest.fixture
def manager(merchant: Merchant, platform: Platform) -> Client:
    """May refund 10.00 alone, of an order of 21.00 that is paid; has requested all of it."""
    Store.objects.update(refund_limit=1000)
    payment = opened(merchant, platform)
    arrive(payment)
    client = sign_in("shop manager", "approve_refund", name="chen.yu", store=merchant.store)
    assert "waits for a second person" in ask(client, payment)
    return client


@pytest.fixture
def accountant(merchant: Merchant) -> Client:
    return sign_in("accountant", name="wang.fang", store=merchant.store)


def shown(client: Client) -> str:
    answer = client.get(place())
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_order_says_who_waits_for_whom(manager: Client, accountant: Client) -> None:
    order = Order.objects.get()
    for client, has_button in ((manager, False), (accountant, True)):
        text = client.get(url(Order, "change", order.pk)).content.decode()
        assert "A refund of CNY 21.00, requested by chen.yu, is above the store&#x27;s limit" in text
        assert (place() in text) is has_button


def test_one_who_asked_sees_no_buttons_and_cannot_send_them(manager: Client, platform: Platform) -> None:
    text = shown(manager)
    assert "somebody else decides" in text
    assert "_approve" not in text
    for button in ("_approve", "_decline"):
        answer = manager.post(place(), {button: "1", "why": "x"}, follow=True).content.decode()
        assert 'class="error"' in answer
    assert RefundApproval.objects.get().state == "waiting"
    assert not Refund.objects.exists()


def test_another_agrees(manager: Client, accountant: Client, platform: Platform) -> None:
    text = shown(accountant)
    assert "goods returned" in text
    assert "chen.yu" in text
    for _ in range(2):
        answer = accountant.post(place(), {"_approve": "1"}, follow=True).content.decode()
    assert 'class="error"' in answer
    refund = Refund.objects.get()
    assert (refund.state, refund.amount, refund.actor, refund.reason) == (
        "succeeded", 2100, "chen.yu", "goods returned",
    )  # fmt: skip
    assert list(platform.refunds.values()) == [2100]
    assert [(one.user.get_username(), one.change_message) for one in LogEntry.objects.order_by("pk")] == [
        ("chen.yu", "The refund of CNY 21.00 waits for a second person: goods returned"),
        ("wang.fang", "Approved the refund of CNY 21.00 that chen.yu requested."),
        ("wang.fang", "Refund of CNY 21.00 requested: goods returned. It is now: succeeded"),
    ]
    assert "There is nothing to decide any more" in shown(accountant)


def test_another_declines_with_a_reason(manager: Client, accountant: Client, platform: Platform) -> None:
    assert "Say why the refund is declined." in accountant.post(place(), {"_decline": "1"}).content.decode()
    assert RefundApproval.objects.get().state == "waiting"
    accountant.post(place(), {"_decline": "1", "why": "not back yet"})
    assert RefundApproval.objects.get().state == "declined"
    assert not Refund.objects.exists()
    order = Order.objects.get()
    text = accountant.get(url(Order, "change", order.pk)).content.decode()
    assert "Refund of CNY 21.00 declined" in text
    assert "not back yet" in text
    assert Flag.objects.get().cleared_at is not None


@pytest.mark.parametrize(("role", "status"), [("cashier", 403), ("operator", 403), ("accountant", 404)])
def test_who_may_not_decide(manager: Client, merchant: Merchant, role: str, status: int) -> None:
    """The last one is an accountant of another store."""
    other = Store.objects.create(partner=merchant.partner, store_no="9", name="other")
    tied_to = {"store": other if role == "accountant" else merchant.store}
    client = sign_in(role, name="eye", **tied_to)
    assert client.get(place()).status_code == status
    assert client.post(place(), {"_approve": "1"}).status_code == status
    assert not Refund.objects.exists()


def test_its_flag_is_cleared_by_the_decision_alone(manager: Client, accountant: Client) -> None:
    assert accountant.post(url(Flag, "change", Flag.objects.get().pk), {"reason": "x"}).status_code == 403
    assert Flag.objects.get().cleared_at is None


def test_an_unapplied_payment_above_it_waits_too(
    merchant: Merchant, platform: Platform, accountant: Client
) -> None:
    Store.objects.update(refund_limit=2099)
    payment = arrive_late(merchant, platform)
    client = sign_in("shop manager", store=merchant.store)
    client.post(page(payment.order_id, "refund"), {"_return": payment.pk, "reason": "late"})
    assert not Refund.objects.exists()
    assert "all that is left of a payment" in shown(accountant)
    accountant.post(place(), {"_approve": "1"})
    assert Refund.objects.get().kind == "late"
