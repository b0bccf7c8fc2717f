"""What offline/pay answers to the till."""

import pytest

from scanforpay_django.models import Order, Store
from tests.flows.barcode_till import HESITATES, REFUSED, Till, till

__all__ = ["till"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


def test_the_answer_is_that_of_pay_query(till: Till) -> None:
    answer = till.scan(partnerOrderNo="b1")
    asked = till.query("b1")
    assert {name: asked[name] for name in answer} == answer


def test_a_refusal_is_in_the_stores_language(till: Till) -> None:
    Store.objects.update(language="en")
    answer = till.scan(REFUSED)
    assert (answer["code"], answer["status"]) == (2, 2)
    assert answer["msg"].isascii()


def test_a_customer_at_the_password_is_waited_for(till: Till) -> None:
    answer = till.scan(HESITATES)
    assert (answer["code"], answer["status"]) == (1, 0)


def test_a_currency_that_is_not_collected_makes_no_order(till: Till) -> None:
    answer = till.scan(currency="JPY")
    assert answer["code"] not in (1, 2)
    assert "status" not in answer
    assert not Order.objects.exists()
