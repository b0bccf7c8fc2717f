"""The addresses of a pay page and of the return to the shop."""

import pytest
from django.test import Client

from scanforpay_django.models import Order, Store
from tests.merchant import Merchant, new_order
from tests.phone import WECHAT_UA
from tests.scripted import Platform, platform, start

__all__ = ["platform"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("https://shop.example/支付/done?x=1", "https://shop.example/%E6%94%AF%E4%BB%98/done?x=1&"),
        ("https://shop.example/done?name=%B2%E8&flag", "https://shop.example/done?name=%B2%E8&flag&"),
    ],
)
def test_the_way_back_by_get_keeps_the_address(merchant: Merchant, given: str, expected: str) -> None:
    Store.objects.update(return_method="get")
    order = new_order(merchant, returnUrl=given)
    Order.objects.update(state="paid")
    client = Client()
    client.get(f"/api/jspay/pay/{order.token}")
    assert client.get(f"/api/jspay/pay/{order.token}/return")["Location"].startswith(expected)


@pytest.mark.django_db(transaction=True)
def test_head_does_not_use_up_the_way_back(merchant: Merchant) -> None:
    order = new_order(merchant, returnUrl="https://shop.example/done")
    Order.objects.update(state="paid")
    client = Client()
    client.get(f"/api/jspay/pay/{order.token}")
    assert client.head(f"/api/jspay/pay/{order.token}/return").status_code == 405
    assert b"shop.example" in client.get(f"/api/jspay/pay/{order.token}/return").content


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
