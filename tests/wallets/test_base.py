"""A wallet of a project's own takes an order from create to notification."""

import pytest
from django.test import Client

from scanforpay_django.models import Partner, Payment
from tests.merchant import Merchant, new_order
from tests.phone import WECHAT_UA
from tests.scripted import Platform, platform

__all__ = ["platform"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_a_wallet_of_ones_own_takes_an_order_all_the_way(merchant: Merchant, platform: Platform) -> None:
    order = new_order(merchant, notifyUrl="https://shop.example/n")
    customer = Client(headers={"user-agent": WECHAT_UA})
    page = customer.get(f"/api/jspay/pay/{order.token}", follow=True)
    assert page.redirect_chain
    number = Payment.objects.get().out_trade_no
    assert number in page.content.decode()
    assert platform.pay(number)
    account = merchant.store.wallet_accounts.get(wallet="Wechat")
    told = Client().post(
        f"/api/platform/scripted/{account.public_id}", f"paid {number}", content_type="text/plain"
    )
    assert told.status_code == 200
    order.refresh_from_db()
    assert (order.state, order.notifications.count()) == ("paid", 1)
    assert Partner.objects.get().orders.get() == order
