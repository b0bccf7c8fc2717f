"""Two clients that are out there, in PHP, unmodified in what they send and accept: the order of their calls."""

import re
import subprocess
import time
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from scanforpay_django.merchant_notify.delivery import drain
from scanforpay_django.models import Order, Partner, Refund, partner_cache
from tests.house import Shop
from tests.merchant import PARTNER_NO, SIGN_KEY, STORE_NO, Merchant
from tests.phone import Page, Phone

pytestmark = [pytest.mark.php, pytest.mark.django_db(transaction=True)]
PUBLISHED = Path(__file__).parent / "published"
RETURN = "https://shop.example/?wc-api=scanforpay&key=wc_order_abc"
HOSTILE = '茶 "response" signature \\/ 🍵 <b>&amp;'


class Client:
    """One of them, at this house."""

    def __init__(self, name: str, house: str) -> None:
        self.name = name
        self.command = ["php", str(PUBLISHED / f"{name}.php"), house, PARTNER_NO, SIGN_KEY, STORE_NO]

    def __call__(self, *arguments: str, given: str = "") -> str:
        done = subprocess.run(
            [*self.command, *arguments], input=given, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(params=["woocommerce", "laravel"])
def client(request: pytest.FixtureRequest, house: str, merchant: Merchant, settings: Any) -> Client:
    settings.SCANFORPAY_REFUND_HOLD_SECONDS = 10
    return Client(request.param, house)


def pay(phone: Phone, url: str) -> Page:
    """In WeChat, until the page may go back to the shop."""
    page = phone.open(url)
    if page.attribute("view") != "bridge":
        page = phone.open(f"{page.url}?here=1")
    phone.confirm(page)
    end = time.monotonic() + 15
    while (status := phone.status(page))["state"] != "paid":
        assert time.monotonic() < end
        time.sleep(0.1)
    return phone.open(status["next"])


@pytest.mark.parametrize("path", ["/api/jspay/create", "/api/online/create", "/api/offline/qrcode"])
def test_the_order_of_calls(client: Client, shop: Shop, phones: Any, path: str) -> None:
    url = client("create", path, "wc-1", "24.99", shop.url, RETURN, HOSTILE)
    assert re.fullmatch(r"http://.*/api/jspay/pay/[\w-]{22}", url)
    # A reload of the checkout makes the same call again.
    assert client("create", path, "wc-1", "24.99", shop.url, RETURN, HOSTILE) == url
    assert client("query", "wc-1") == "0"

    back = pay(phones("wechat"), url)
    form = re.search(r'<form[^>]*method="post"[^>]*action="([^"]*)"', back.html)
    assert form
    # Its query string stays untouched; the form brings the number, and nothing else but ours.
    assert unescape(form[1]) == RETURN
    fields = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', back.html))
    assert fields == {"partnerOrderNo": "wc-1", "orderNo": Order.objects.get().order_no}
    assert client("query", fields["partnerOrderNo"]) == "1"

    assert drain(max_seconds=10).delivered == 1
    assert client("notify", given=shop.bodies[0].decode()) == "wc-1"

    assert client("refund", "wc-1", "refund-1", "5.00") == "1"
    assert client("refund", "wc-1", "refund-1", "5.00") == "1"
    assert Refund.objects.get().amount == 500
    assert client("query", "wc-1") == "1"
    # WeChat Pay takes one refund a minute: a shop that takes "in progress" for a failure is told 1 at once.
    Partner.objects.update(accepted_is_refunded=True)
    partner_cache.forget()
    assert client("refund", "wc-1", "refund-2", "19.99") == "1"
    second = Refund.objects.get(refund_no="refund-2")
    assert second.state == "queued"
    # (int)(19.99 * 100) is 1998 in PHP: the unit that is left stays refundable.
    payment = Order.objects.get().payments.get(is_applied=True)
    left = payment.paid_amount - payment.refunded_amount - payment.reserved_amount
    assert (second.amount, left) == ((1998, 1) if client.name == "woocommerce" else (1999, 0))
    assert client("query", "wc-1") == "1"


def test_what_is_refused_is_shown_to_the_shopper_as_it_is(client: Client) -> None:
    """Refusals are HTTP 200 and verify, so that the text arrives."""
    told = client("create", "/api/jspay/create", "wc 1", "19.99", "", "", "x")
    assert "partnerOrderNo" in told
    assert client("query", "wc-none") == "0"
