"""Door 1: online/create, offline/qrcode and close."""

import pytest

from scanforpay_django.exceptions import PlatformUnreachable
from scanforpay_django.models import Order
from tests.merchant import Merchant, order_body
from tests.phone import MOBILE_UA, WECHAT_UA
from tests.scripted import Platform, platform, start

__all__ = ["platform"]


def test_online_create_requires_the_currency(merchant: Merchant) -> None:
    refused = merchant.call("/api/online/create", order_body())
    assert (refused["code"], "currency" in refused["msg"]) == (4, True)
    made = merchant.call(
        "/api/online/create", order_body(currency="CNY", goodsAmount=2000, goodsExtraAmount=0)
    )
    assert made["code"] == 1
    order = Order.objects.get()
    assert (order.entry, order.amount, order.goods_amount, order.goods_extra_amount) == (
        "online",
        2100,
        2000,
        0,
    )


@pytest.mark.parametrize("bad", [-1, "5", True, 1.5])
def test_reported_amounts_are_checked(merchant: Merchant, bad: object) -> None:
    refused = merchant.call("/api/offline/qrcode", order_body(goodsAmount=bad))
    assert (refused["code"], "goodsAmount" in refused["msg"]) == (5, True)


def test_the_three_create_calls_are_three_orders_contents(merchant: Merchant) -> None:
    body = order_body(currency="CNY")
    assert merchant.call("/api/jspay/create", body)["code"] == 1
    assert merchant.call("/api/online/create", body)["code"] == 31


@pytest.mark.parametrize(
    ("agent", "button"), [(WECHAT_UA, True), (MOBILE_UA, True), ("Mozilla/5.0 (X11)", False)]
)
def test_a_qrcode_page_shows_the_code_first_everywhere(
    merchant: Merchant, client, platform: Platform, agent: str, button: bool
) -> None:
    made = merchant.call("/api/offline/qrcode", order_body())
    path = made["payUrl"].removeprefix("http://localhost:8000")
    headers = {"user-agent": agent}
    page = client.get(path, headers=headers).content.decode()
    assert 'data-view="qr"' in page
    assert ('id="scanforpay-here"' in page) is button
    assert platform.trades == {}
    # Whoever scans the code follows the table.
    scan = Order.objects.get().scan_token
    assert client.get(f"/api/jspay/pay/{scan}", headers={"user-agent": WECHAT_UA}).status_code == 302


def test_who_chooses_this_phone_pays_on_it(merchant: Merchant, client, platform: Platform) -> None:
    made = merchant.call("/api/offline/qrcode", order_body())
    path = made["payUrl"].removeprefix("http://localhost:8000")
    headers = {"user-agent": WECHAT_UA}
    client.get(path, headers=headers)
    assert client.get(f"{path}?here=1", headers=headers).headers["Location"] == path
    page = client.get(path, headers=headers, follow=True)
    assert b'data-view="bridge"' in page.content
    assert len(platform.trades) == 1


def test_close_is_confirmed_and_repeatable(merchant: Merchant, platform: Platform) -> None:
    made = merchant.create(partnerOrderNo="p1")
    start(Order.objects.get(), "a")
    for _ in range(2):
        closed = merchant.call("/api/common/close", {"partnerOrderNo": "p1"})
        assert (closed["code"], closed["status"], closed["orderNo"]) == (1, 2, made["orderNo"])
    assert list(platform.trades.values()) == ["closed"]
    event = Order.objects.get().events.get()
    assert (event.source, event.actor) == ("api", "10001")


def test_a_paid_order_may_not_be_cancelled(merchant: Merchant, platform: Platform) -> None:
    merchant.create(partnerOrderNo="p1")
    start(Order.objects.get(), "a")
    assert platform.pay(next(iter(platform.trades)))
    refused = merchant.call("/api/common/close", {"partnerOrderNo": "p1"})
    assert refused["code"] == 34
    assert merchant.query(partnerOrderNo="p1")["status"] == 1


@pytest.mark.parametrize(
    ("body", "code"), [({}, 7), ({"orderNo": "1"}, 30), ({"storeNo": "9", "orderNo": "1"}, 3)]
)
def test_close_refusals(merchant: Merchant, body: dict, code: int) -> None:
    assert merchant.call("/api/common/close", body)["code"] == code


def test_a_platform_that_is_away_closes_nothing(merchant: Merchant, platform: Platform) -> None:
    merchant.create(partnerOrderNo="p1")
    start(Order.objects.get(), "a")
    platform.script["query"] = PlatformUnreachable()
    assert merchant.call("/api/common/close", {"partnerOrderNo": "p1"})["code"] == 22
    assert Order.objects.get().state == "pending"


def test_who_comes_back_from_the_platform_sees_their_own_page(
    merchant: Merchant, client, platform: Platform
) -> None:
    made = merchant.create(partnerOrderNo="p2")
    path = made["payUrl"].removeprefix("http://localhost:8000")
    order = Order.objects.get()
    start(order, "a")
    back = f"/api/jspay/back/{order.payments.get().out_trade_no}"
    # A browser that never had the payUrl does not learn it.
    assert client.get(back).headers["Location"] == f"/api/jspay/pay/{order.scan_token}"
    client.get(path, headers={"user-agent": WECHAT_UA})
    assert client.get(back).headers["Location"] == path
    assert client.get("/api/jspay/back/nothing").status_code == 404
