"""Orders at a till's code: each once, the limit, and what customers find."""

import pytest

from scanforpay_django.exceptions import FieldInvalid, IdempotencyConflict, NotAuthorised
from scanforpay_django.flows.counter_sale import (
    CounterBusy,
    find_waiting_order,
    sell_at_till,
    sell_to_customer,
    take_back,
)
from scanforpay_django.flows.create_order import OrderContent
from scanforpay_django.models import CounterCode, CounterSale, Order
from tests.merchant import Merchant
from tests.threads import raced

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def code(merchant: Merchant) -> CounterCode:
    return CounterCode.objects.create(store=merchant.store, number="till-1")


def content(number: str = "sale-1", amount: int = 1800) -> OrderContent:
    return OrderContent(entry="counter", partner_order_no=number, wallet="Any", amount=amount, currency="CNY")


@pytest.mark.row_locks
def test_the_limit_holds_when_many_come_at_once(code: CounterCode) -> None:
    CounterCode.objects.update(unpaid_per_hour=3)
    numbers = iter([f"{place:022}" for place in range(10)])

    def sell() -> str:
        try:
            return str(sell_to_customer(code, 100, next(numbers)).pk)
        except CounterBusy:
            return ""

    results = raced(10, sell)
    assert len([one for one in results if one]) == 3
    assert Order.objects.count() == CounterSale.objects.count() == 3


def test_a_number_of_another_till_is_refused(code: CounterCode) -> None:
    other = CounterCode.objects.create(store=code.store, number="till-2")
    order = sell_at_till(code, content())
    with pytest.raises(IdempotencyConflict):
        sell_at_till(other, content())
    assert find_waiting_order(other) is None
    assert find_waiting_order(code) == order


@pytest.mark.parametrize("amount", [0, -1, 10**15 + 1])
def test_no_amount_makes_no_order(code: CounterCode, amount: int) -> None:
    with pytest.raises(FieldInvalid):
        sell_to_customer(code, amount, "a" * 22)
    assert not Order.objects.exists()


def test_a_code_that_was_switched_off_meanwhile_sells_nothing(code: CounterCode) -> None:
    CounterCode.objects.update(is_active=False)
    with pytest.raises(NotAuthorised):
        sell_to_customer(code, 100, "a" * 22)
    assert not Order.objects.exists()


@pytest.mark.row_locks
def test_two_tills_calls_at_once_are_one_order(code: CounterCode) -> None:
    assert len({order.pk for order in raced(6, lambda: sell_at_till(code, content()))}) == 1
    assert CounterSale.objects.count() == 1
    take_back(code)
    assert find_waiting_order(code) is None
