"""The till's page: the amount that the next customer finds, and payments as they come."""

import json
from typing import Any

import pytest
from django.test import Client

from scanforpay_django.flows.counter_sale import sell_to_customer
from scanforpay_django.models import CounterCode, Order
from tests.admin.test_counter_code import code, place

__all__ = ["code"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_the_till_sets_an_amount_and_hears_of_payments(staff: Client, code: CounterCode) -> None:
    page = staff.get(place(code, "till/"))
    attempt = page.context["form"]["attempt"].value()
    for amount, words in (("x", "Enter an amount like"), ("0", "Enter an amount above 0")):
        assert words in staff.post(place(code, "till/"), {"amount": amount}).content.decode()
    for _ in range(2):
        assert staff.post(place(code, "till/"), {"amount": "21", "attempt": attempt}).status_code == 302
    order = Order.objects.get()
    assert (order.amount, order.operator_id, order.terminal_no) == (2100, "boss", "till-1")
    assert Client().get(f"/api/jspay/counter/{code.token}").headers["Location"] == order.pay_url
    news = staff.get(place(code, "till/news/")).json()
    assert news["paid"] == {}
    assert "Who scans the code now pays" in news["html"]
    Order.objects.update(state="paid")
    news = staff.get(place(code, "till/news/"), headers={"accept-language": "en"}).json()
    assert news["paid"] == {str(order.pk): "Received CN¥21.00."}
    assert "Who scans the code now pays" not in news["html"]
    taken = staff.post(place(code, "till/"), {"amount": "5", "number": order.partner_order_no})
    assert taken.context["form"].non_field_errors()
    assert Order.objects.count() == 1


def test_the_till_takes_its_amount_back(staff: Client, code: CounterCode) -> None:
    staff.post(place(code, "till/"), {"amount": "21", "number": "sale-1"})
    assert Order.objects.get().partner_order_no == "sale-1"
    staff.post(place(code, "till/"), {"take_back": "1"})
    assert Client().get(f"/api/jspay/counter/{code.token}").status_code == 200


def test_few_statements(staff: Client, code: CounterCode, django_assert_max_num_queries: Any) -> None:
    for number in range(8):
        sell_to_customer(code, 100 + number, f"{number:022}")
    with django_assert_max_num_queries(8):
        news = staff.get(place(code, "till/news/"))
    assert json.loads(news.content)["html"].count("<tr") == 9
