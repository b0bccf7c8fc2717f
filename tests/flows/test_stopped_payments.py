"""A switch of a partner, a store or an account stops new payments; all else goes on."""

import re
from typing import Any

import pytest

from scanforpay_django.flows.carry_out_refund import carry_out
from scanforpay_django.flows.refund_order import RequestedRefund, request_refund
from scanforpay_django.models import (
    Cause,
    Notification,
    Order,
    Partner,
    Payment,
    Source,
    Store,
    WalletAccount,
)
from tests.admin.pages import url
from tests.admin.test_order_desk import arrive, opened
from tests.merchant import Merchant
from tests.people import sign_in
from tests.scripted import Platform, platform

__all__ = ["platform"]
pytestmark = pytest.mark.django_db(transaction=True)
SWITCHES = pytest.mark.parametrize("model", [Partner, Store, WalletAccount])


def stop(model: Any, *, stops: bool = True) -> None:
    """Saved row by row, as admin does it: what processes remember is forgotten."""
    for row in model.objects.all():
        row.stops_payments = stops
        row.save()


@SWITCHES
def test_nothing_new_is_created_and_it_is_said(merchant: Merchant, platform: Platform, model: Any) -> None:
    merchant.create(partnerOrderNo="before")
    stop(model)
    refused = merchant.create(partnerOrderNo="after")
    assert refused["code"] == 44
    assert "商户目前不接受新的" in refused["msg"]
    assert merchant.create(partnerOrderNo="before")["code"] == 1
    assert Order.objects.count() == 1
    stop(model, stops=False)
    assert merchant.create(partnerOrderNo="after")["code"] == 1


@SWITCHES
def test_no_page_begins_a_payment(merchant: Merchant, platform: Platform, client: Any, model: Any) -> None:
    place = merchant.create()["payUrl"]
    stop(model)
    page = client.get(place[place.index("/", 8) :])
    assert page.status_code < 500
    assert "no_account" in page.content.decode()
    assert not Payment.objects.exists()


@SWITCHES
def test_what_is_under_way_and_refunds_go_on(merchant: Merchant, platform: Platform, model: Any) -> None:
    payment = opened(merchant, platform)
    Order.objects.update(notify_url="https://shop.example/n")
    stop(model)
    arrive(payment)
    order = Order.objects.get()
    assert order.state == "paid"
    assert Notification.objects.count() == 1
    cause = Cause(source=Source.API)
    refund = carry_out(request_refund(order, RequestedRefund(refund_no="r1", amount=700, cause=cause)))
    assert refund.state == "succeeded"


def test_one_account_stops_its_own_wallet_alone(merchant: Merchant, platform: Platform) -> None:
    account = WalletAccount.objects.get(wallet="Alipay")
    account.stops_payments = True
    account.save()
    assert merchant.create(wallet="Alipay")["code"] == 44
    assert merchant.create(wallet="Wechat")["code"] == 1


@pytest.mark.parametrize(("permissions", "stops"), [((), False), (("stop_payments",), True)])
def test_who_may_stop(merchant: Merchant, permissions: tuple[str, ...], stops: bool) -> None:
    client = sign_in("", "view_partner", "change_partner", *permissions, partner=merchant.partner)
    place = url(Partner, "change", merchant.partner.pk)
    shown = client.get(place).content.decode()
    assert bool(re.search(r'<input[^>]*name="stops_payments"', shown)) is stops
    form = {"partner_no": "10001", "name": "Tea house", "stops_payments": "on", "is_active": "on"}
    inlines = dict(re.findall(r'name="([\w-]+_FORMS)" value="(\d+)"', shown))
    client.post(place, {**form, **inlines})
    assert Partner.objects.get().stops_payments is stops
