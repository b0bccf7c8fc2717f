"""Staff's steps with an order: refund, give surplus back, close, ask."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from scanforpay_django import clock
from scanforpay_django.exceptions import PlatformUnreachable
from scanforpay_django.flows.apply_payment import apply_payment
from scanforpay_django.models import Flag, Order, Payment, Refund, Store
from scanforpay_django.wallets.base import PaymentResult, TradeState
from tests.causes import NOTIFICATION
from tests.merchant import Merchant
from tests.scripted import Platform, platform, start

__all__ = ["platform"]
pytestmark = pytest.mark.django_db(transaction=True)


def arrive(payment: Payment, amount: int = 2100) -> None:
    """The platform says that it is paid."""
    result = PaymentResult(
        out_trade_no=payment.out_trade_no,
        state=TradeState.PAID,
        amount=amount,
        currency="CNY",
        trade_no=f"t{payment.pk}",
    )
    apply_payment(payment, result, NOTIFICATION)


def opened(merchant: Merchant, platform: Platform, number: str = "p1") -> Payment:
    merchant.create(partnerOrderNo=number)
    order = Order.objects.select_related("store", "partner").get(partner_order_no=number)
    return Payment.objects.get(out_trade_no=start(order, "a").params["number"])


def page(order_pk: int, name: str) -> str:
    return reverse(f"admin:scanforpay_order_{name}", args=[order_pk])


def test_a_refund_in_part_is_carried_out_and_told_of(
    merchant: Merchant, platform: Platform, staff: Client
) -> None:
    payment = opened(merchant, platform)
    arrive(payment)
    shown = staff.get(page(payment.order_id, "refund")).content.decode()
    assert 'value="21.00"' in shown
    form = {"_refund": "1", "amount": "7.00", "reason": "broken cup"}
    answer = staff.post(page(payment.order_id, "refund"), form, follow=True)
    assert "CNY 7.00" in answer.content.decode()
    refund = Refund.objects.get()
    assert (refund.state, refund.amount, refund.source, refund.actor, refund.reason) == (
        "succeeded",
        700,
        "staff",
        "boss",
        "broken cup",
    )
    assert list(platform.refunds.values()) == [700]
    event = payment.order.events.get(source="staff")
    assert (event.actor, event.data["amount"]) == ("boss", 700)
    assert Order.objects.get().refunded_amount == 700


@pytest.mark.parametrize("amount", ["0", "21.01", "7.001", "-7", "", "seven"])
def test_an_amount_that_cannot_be_is_said_and_nothing_moves(
    merchant: Merchant, platform: Platform, staff: Client, amount: str
) -> None:
    payment = opened(merchant, platform)
    arrive(payment)
    form = {"_refund": "1", "amount": amount, "reason": "x"}
    assert "errorlist" in staff.post(page(payment.order_id, "refund"), form).content.decode()
    assert not Refund.objects.exists()


def test_two_clicks_are_one_refund(merchant: Merchant, platform: Platform, staff: Client) -> None:
    payment = opened(merchant, platform)
    arrive(payment)
    platform.script["refund"] = PlatformUnreachable()
    form = {"_refund": "1", "amount": "7.00", "reason": "x"}
    for _ in range(2):
        staff.post(page(payment.order_id, "refund"), form)
    assert Refund.objects.count() == 1
    payment.refresh_from_db()
    assert payment.reserved_amount == 700


@pytest.mark.parametrize(
    ("state", "amount", "flag", "kind"),
    [("closed", 2100, "late_payment", "late"), ("pending", 999, "amount_mismatch", "mismatch")],
)
def test_money_that_settles_nothing_is_given_back_in_one_step(
    merchant: Merchant, platform: Platform, staff: Client, state: str, amount: int, flag: str, kind: str
) -> None:
    Store.objects.update(late_payment="keep", duplicate_payment="keep")
    payment = opened(merchant, platform)
    Order.objects.update(state=state)
    arrive(payment, amount)
    assert Flag.objects.get().kind == flag
    assert not Refund.objects.exists()
    shown = staff.get(page(payment.order_id, "refund")).content.decode()
    assert f'value="{payment.pk}"' in shown
    for _ in range(2):
        staff.post(page(payment.order_id, "refund"), {"_return": payment.pk})
    refund = Refund.objects.get()
    assert (refund.state, refund.kind, refund.amount, refund.actor) == ("succeeded", kind, amount, "boss")
    assert (Order.objects.get().state, Order.objects.get().refunded_amount) == (state, 0)


def test_a_second_payment_stays_where_the_store_wants_it(merchant: Merchant, platform: Platform) -> None:
    Store.objects.update(duplicate_payment="keep")
    first = opened(merchant, platform)
    arrive(first)
    second = Payment.objects.create(
        order=first.order,
        account=first.account,
        wallet="Wechat",
        product="page",
        state="open",
        amount=2100,
        currency="CNY",
        expires_at=first.expires_at,
    )
    arrive(second)
    assert Flag.objects.get().kind == "duplicate_payment"
    assert not Refund.objects.exists()


def test_the_settling_payment_is_no_surplus(merchant: Merchant, platform: Platform, staff: Client) -> None:
    payment = opened(merchant, platform)
    arrive(payment)
    staff.post(page(payment.order_id, "refund"), {"_return": payment.pk})
    assert not Refund.objects.exists()


def test_staff_close_an_order(merchant: Merchant, platform: Platform, staff: Client) -> None:
    payment = opened(merchant, platform)
    staff.post(page(payment.order_id, "close"))
    order = Order.objects.get()
    assert order.state == "closed"
    assert platform.trades == {payment.out_trade_no: "closed"}
    event = order.events.get()
    assert (event.source, event.actor) == ("staff", "boss")


def test_staff_ask_the_platform(merchant: Merchant, platform: Platform, staff: Client) -> None:
    payment = opened(merchant, platform)
    platform.pay(payment.out_trade_no)
    staff.post(page(payment.order_id, "ask"))
    assert Order.objects.get().state == "paid"


def test_a_platform_that_is_away_is_said(merchant: Merchant, platform: Platform, staff: Client) -> None:
    payment = opened(merchant, platform)
    platform.script["query"] = PlatformUnreachable()
    answer = staff.post(page(payment.order_id, "close"), follow=True)
    assert 'class="error"' in answer.content.decode()
    assert Order.objects.get().state == "pending"


def test_who_may_only_look_takes_no_step(
    merchant: Merchant, platform: Platform, client: Client, django_user_model
) -> None:
    payment = opened(merchant, platform)
    arrive(payment)
    user = django_user_model.objects.create_user("eye", "eye@example.com", "x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_all_partners", "view_order"]))
    client.force_login(user)
    shown = client.get(page(payment.order_id, "change"))
    assert shown.status_code == 200
    assert "/refund/" not in shown.content.decode()
    for name in ("refund", "close", "ask"):
        assert client.post(page(payment.order_id, name)).status_code == 403
    assert client.get(page(payment.order_id, "refund")).status_code == 403


@pytest.mark.parametrize("number", ["abc", "\0", "9" * 40, "9" * 5000, "-1", ""])
def test_a_button_of_no_payment_is_404(
    merchant: Merchant, platform: Platform, staff: Client, number: str
) -> None:
    payment = opened(merchant, platform)
    arrive(payment)
    assert staff.post(page(payment.order_id, "refund"), {"_return": number}).status_code == 404


def test_a_form_sent_twice_is_one_refund_where_the_platform_is_quick(
    merchant: Merchant, platform: Platform, staff: Client
) -> None:
    payment = opened(merchant, platform)
    arrive(payment)
    shown = staff.get(page(payment.order_id, "refund")).content.decode()
    form = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', shown))
    form = {**form, "_refund": "1", "amount": "7.00", "reason": "x"}
    for _ in range(2):
        answer = staff.post(page(payment.order_id, "refund"), form, follow=True)
    assert list(platform.refunds.values()) == [700]
    assert 'class="error"' in answer.content.decode()


def test_staff_do_not_ask_about_a_code_while_it_is_being_undone(
    merchant: Merchant, platform: Platform, staff: Client
) -> None:
    payment = opened(merchant, platform)
    Order.objects.update(entry="barcode")
    platform.pay(payment.out_trade_no)
    # Somebody is between the query and the reversal, which gives back what was paid meanwhile.
    Payment.objects.update(state="closing", queried_at=clock.now() + timedelta(seconds=20))
    staff.post(page(payment.order_id, "ask"))
    assert Order.objects.get().state == "pending"
    Payment.objects.update(queried_at=None)
    staff.post(page(payment.order_id, "ask"))
    assert Order.objects.get().state == "paid"
