"""counter/create: the till sets the amount that the next customer finds."""

import pytest
from django.test import Client

from scanforpay_django.models import CounterCode, Order
from tests.merchant import Merchant, order_body

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def code(merchant: Merchant) -> CounterCode:
    return CounterCode.objects.create(
        store=merchant.store, number="till-1", notify_url="https://shop.example/notify"
    )


def test_the_customer_finds_the_tills_order(merchant: Merchant, code: CounterCode) -> None:
    body = order_body(counterNo="till-1", wallet=None, partnerOrderNo="sale-1")
    told = merchant.call("/api/counter/create", body)
    order = Order.objects.get()
    assert told == {
        "code": 1, "msg": told["msg"], "payUrl": order.pay_url, "orderNo": order.order_no, "partnerOrderNo": "sale-1",
    }  # fmt: skip
    assert (order.entry, order.wallet, order.terminal_no) == ("counter", "Any", "till-1")
    assert order.notify_url == code.notify_url
    assert Client().get(f"/api/jspay/counter/{code.token}").headers["Location"] == order.pay_url
    assert merchant.call("/api/counter/create", body) == told
    assert merchant.call("/api/counter/create", {**body, "orderAmount": 1})["code"] == 31


def test_the_code_has_to_be_the_stores_own(merchant: Merchant, code: CounterCode) -> None:
    for number, answer in (("till-2", 5), ("", 4), ("a b", 5)):
        assert merchant.call("/api/counter/create", order_body(counterNo=number))["code"] == answer
    CounterCode.objects.update(is_active=False)
    assert merchant.call("/api/counter/create", order_body(counterNo="till-1"))["code"] == 3
    assert not Order.objects.exists()


def test_a_number_of_another_order_is_refused(merchant: Merchant, code: CounterCode) -> None:
    merchant.create(partnerOrderNo="sale-1")
    told = merchant.call("/api/counter/create", order_body(counterNo="till-1", partnerOrderNo="sale-1"))
    assert told["code"] == 31
