"""The addresses of a pay page and of the return to the shop."""

from collections.abc import Callable

import pytest
import requests
from django.test import Client

from scanforpay_django.models import Order, Payment, Store
from tests.merchant import Merchant, new_order
from tests.phone import MOBILE_UA, WECHAT_UA
from tests.scripted import Platform, platform, start
from tests.wallets.conftest import Till, till_of

__all__ = ["platform", "till_of"]


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


def set_out(till: Till) -> tuple[Client, str, str]:
    """A customer who tapped: the browser, the page's path, and the platform's address that was not opened yet."""
    order = till.order(returnUrl="https://shop.example/done")
    client = Client(headers={"user-agent": MOBILE_UA})
    page = f"/api/jspay/pay/{order.token}"
    client.get(page)
    return client, page, client.post(f"{page}/go")["Location"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["alipay-wap", "alipay-hk"])
def test_who_never_reached_the_platform_leaves_at_once(till_of: Callable[[str], Till], name: str) -> None:
    till = till_of(name)
    client, page, address = set_out(till)
    back = client.post(f"{page}/leave")
    assert b'action="https://shop.example/done"' in back.content
    payment = Payment.objects.get()
    # Whoever opens the address after all is not forgotten.
    assert (payment.order.state, payment.state) == ("pending", "closing")
    assert payment.next_query_at is not None
    requests.get(address, timeout=10)
    assert till.sandbox.confirm(till.sandbox.trades[0])
    till.sandbox.wait_for_notices()
    assert Order.objects.get().state == "paid"


@pytest.mark.django_db(transaction=True)
def test_who_cancelled_where_nothing_can_be_closed_leaves_at_once(till_of: Callable[[str], Till]) -> None:
    client, page, address = set_out(till_of("alipay-hk"))
    requests.get(address, timeout=10)
    assert b'action="https://shop.example/done"' in client.post(f"{page}/leave").content
    assert Order.objects.get().state == "pending"


@pytest.mark.django_db(transaction=True)
def test_who_cancelled_where_it_can_be_closed_leaves_a_closed_order(till_of: Callable[[str], Till]) -> None:
    client, page, address = set_out(till_of("alipay-wap"))
    requests.get(address, timeout=10)
    assert b'action="https://shop.example/done"' in client.post(f"{page}/leave").content
    assert Order.objects.get().state == "closed"


@pytest.mark.django_db(transaction=True)
def test_who_paid_meanwhile_does_not_leave_unpaid(till_of: Callable[[str], Till]) -> None:
    till = till_of("alipay-hk")
    client, page, address = set_out(till)
    requests.get(address, timeout=10)
    till.sandbox.fault("notify-never")
    till.sandbox.confirm(till.sandbox.trades[0])
    assert client.post(f"{page}/leave")["Location"] == page
    assert Order.objects.get().state == "paid"
