"""offline/create: the platform's own code where it is granted, over real HTTP to the sandbox."""

import json

import pytest

from scanforpay_django.models import Order, Payment
from scanforpay_django.sandbox.testing import Sandbox
from tests.merchant import Merchant, envelope, header, order_body, seed_merchant

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

CALL = "/api/offline/create"


@pytest.fixture
def merchant(scanforpay_sandbox: Sandbox) -> Merchant:
    merchant = seed_merchant()
    merchant.store.wallet_accounts.update(is_active=False)
    scanforpay_sandbox.wechat_account(merchant.store, grants="jsapi native")
    scanforpay_sandbox.alipay_account(merchant.store, grants="trade_create precreate")
    return merchant


@pytest.mark.parametrize(("wallet", "start"), [("Wechat", "weixin://"), ("Alipay", "http")])
def test_the_platforms_code_is_answered_and_stays_while_it_lives(
    merchant: Merchant, wallet: str, start: str
) -> None:
    body = order_body(partnerOrderNo="p1", wallet=wallet)
    made = merchant.call(CALL, body)
    order = Order.objects.get()
    assert made["qrCode"] == made["qrcode"]
    assert made["qrCode"].startswith(start)
    assert order.scan_token not in made["qrCode"]
    assert Payment.objects.get().state == "open"
    assert merchant.call(CALL, body) == made
    assert Payment.objects.count() == 1


def test_without_the_product_our_own_page_is_the_code(merchant: Merchant) -> None:
    merchant.store.wallet_accounts.update(grants="jsapi trade_create")
    made = merchant.call(CALL, order_body(partnerOrderNo="p1"))
    assert made["qrCode"].endswith(Order.objects.get().scan_token)
    assert not Payment.objects.exists()


def test_our_own_page_is_the_code_while_the_platform_gives_none(
    merchant: Merchant, scanforpay_sandbox: Sandbox
) -> None:
    scanforpay_sandbox.fault("http-500", operation="create")
    body = order_body(partnerOrderNo="p1")
    made = merchant.call(CALL, body)
    assert (made["code"], made["qrCode"].endswith(Order.objects.get().scan_token)) == (1, True)
    assert merchant.call(CALL, body)["qrCode"].startswith("weixin://")


@pytest.mark.parametrize("state", ["paid", "closed", "expired"])
def test_an_order_that_is_over_is_answered_as_before(merchant: Merchant, state: str) -> None:
    body = order_body(partnerOrderNo="p1")
    assert merchant.call(CALL, body)["code"] == 1
    Order.objects.update(state=state)
    again = merchant.call(CALL, body)
    assert (again["code"], again["qrCode"].endswith(Order.objects.get().scan_token)) == (1, True)


@pytest.mark.parametrize("was_closed", [False, True])
def test_the_same_bytes_again_touch_no_customers_attempt(merchant: Merchant, was_closed: bool) -> None:
    raw = envelope(header(), order_body(partnerOrderNo="p1"))
    made = json.loads(merchant.post(CALL, raw).content)["response"]["body"]
    order = Order.objects.get()
    if was_closed:
        Payment.objects.update(state="closed", next_query_at=None)
    else:
        # The customer is at the page inside the app by now.
        Payment.objects.update(product="jsapi")
    before = list(Payment.objects.values_list("pk", "state"))
    again = json.loads(merchant.post(CALL, raw).content)["response"]["body"]
    assert list(Payment.objects.values_list("pk", "state")) == before
    assert again["qrCode"].endswith(order.scan_token)
    assert again["orderNo"] == made["orderNo"]


def test_the_same_bytes_again_get_the_same_code_while_it_lives(merchant: Merchant) -> None:
    raw = envelope(header(), order_body(partnerOrderNo="p1"))
    codes = {json.loads(merchant.post(CALL, raw).content)["response"]["body"]["qrCode"] for _ in range(3)}
    assert len(codes) == 1
    assert codes.pop().startswith("weixin://")
