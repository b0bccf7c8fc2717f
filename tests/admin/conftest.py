"""A merchant with an order of every kind."""

import pytest

from scanforpay_django.models import Order
from tests.merchant import Merchant
from tests.platform import AlipayNotice, WeChatNotice, give_credentials, open_payment


@pytest.fixture
def busy(merchant: Merchant) -> Merchant:
    """A merchant with something in every table."""
    give_credentials(merchant)
    payment = open_payment(merchant, "Wechat", notifyUrl="https://shop.example/n")
    assert WeChatNotice(payment).send().status_code == 200
    late = open_payment(merchant, "Alipay")
    Order.objects.filter(pk=late.order_id).update(state="closed")
    assert AlipayNotice(late).send().status_code == 200
    return merchant
