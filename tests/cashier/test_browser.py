"""The cookie of a visit: what another browser does not see."""

import pytest
from django.test import Client

from scanforpay_django.models import Order
from tests.browser.apps import user_agent
from tests.house import house, merchant, phones
from tests.merchant import Merchant, new_order

__all__ = ["house", "merchant", "phones"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_who_is_handed_the_link_is_not_sent_to_the_shop(merchant: Merchant) -> None:
    order = new_order(merchant, returnUrl="https://shop.example/done?login=SECRET")
    path = f"/api/jspay/pay/{order.token}"
    customer, friend = Client(), Client()
    customer.get(path)
    customer.get(f"{path}/status")
    Order.objects.update(state="paid")
    friend.get(path)
    assert b"SECRET" not in friend.get(f"{path}/return").content
    assert b"SECRET" in customer.get(f"{path}/return").content


def opened(client: Client, order: Order, app: str = "desktop", path: str = "", **kwargs):
    """A page in an app."""
    agent = {"user-agent": user_agent(app)}
    return client.get(f"/api/jspay/pay/{order.token}{path}", headers=agent, **kwargs)


def test_a_till_that_opens_a_page_for_every_order_never_sends_more_cookies_than_servers_take(
    merchant: Merchant, client: Client
) -> None:
    """Browsers keep 180 a host, and 180 of ours are over the 8 KB that nginx and gunicorn take."""
    for number in range(150):
        client.cookies[f"scanforpay_{number:012x}"] = "A" * 22
    client.cookies["theirs"] = "stays"
    for number in range(40):
        merchant.create(partnerOrderNo=f"till-{number}")
        answer = opened(client, Order.objects.get(partner_order_no=f"till-{number}"))
        gone = [name for name, cookie in answer.cookies.items() if cookie["max-age"] == 0]
        assert len(gone) <= 5
        assert {cookie["path"] for cookie in answer.cookies.values()} == {"/api/jspay/"}
        [client.cookies.pop(name) for name in gone]
    assert len(client.cookies) <= 45
    assert "theirs" in client.cookies
    assert not opened(client, Order.objects.get(partner_order_no="till-39")).cookies


def test_who_did_not_open_the_pay_url_is_not_sent_to_the_shop(merchant: Merchant, phones) -> None:
    made = merchant.create(returnUrl="https://shop.example/done")
    Order.objects.update(state="paid")
    token = Order.objects.get().token
    page = phones("wechat").open(f"/api/jspay/pay/{token}/return")
    assert "<form" not in page.html
    assert Order.objects.get().returned_at is None
    assert made["code"] == 1
