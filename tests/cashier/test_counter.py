"""The page that a till's printed code leads to."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from scanforpay_django import clock
from scanforpay_django.flows.counter_sale import sell_at_till, take_back
from scanforpay_django.flows.create_order import OrderContent
from scanforpay_django.models import CounterCode, CounterSale, Order
from tests.merchant import Merchant
from tests.threads import raced

pytestmark = pytest.mark.django_db(transaction=True)
ATTEMPT = "a" * 22


@pytest.fixture
def code(merchant: Merchant) -> CounterCode:
    return CounterCode.objects.create(store=merchant.store, number="till-1", name="Till 1")


def place(code: CounterCode) -> str:
    return f"/api/jspay/counter/{code.token}"


def pay(code: CounterCode, amount: str, attempt: str = ATTEMPT, **headers: str) -> Any:
    return Client().post(place(code), {"amount": amount, "attempt": attempt}, headers=headers or None)


def till_content(code: CounterCode, **changes: Any) -> OrderContent:
    values = {
        "entry": "counter",
        "partner_order_no": "sale-1",
        "wallet": "Any",
        "amount": 1800,
        "currency": "CNY",
    }
    return OrderContent(**{**values, **changes})


def test_an_amount_makes_an_order_and_leads_to_its_pay_page(code: CounterCode) -> None:
    page = Client().get(place(code), headers={"accept-language": "en"})
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "private, no-store"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert {"How much do you pay?", "Till 1", "Camellia Tea"} <= set(
        page.content.decode().replace("<", ">").split(">")
    )
    answer = pay(code, "21.5")
    order = Order.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (303, order.pay_url)
    assert (order.amount, order.currency, order.entry, order.wallet) == (2150, "CNY", "counter", "Any")
    assert (order.title, order.terminal_no, order.store) == (code.store.name, "till-1", code.store)
    assert CounterSale.objects.get().order == order


@pytest.mark.parametrize(
    ("currency", "typed", "amount"),
    [
        ("CNY", "1,234.50", 123450), ("CNY", " 0.01 ", 1), ("CNY", ".5", 50), ("CNY", "２１．５", 2150),
        ("CNY", "5.", 500),
        ("JPY", "2.5", None), ("CNY", "1.234", None), ("CNY", "0", None), ("CNY", "-5", None),
        ("CNY", "", None), ("CNY", "1e3", None), ("CNY", "9" * 30, None), ("CNY", "١٢", None), ("CNY", "<b>", None),
    ],
)  # fmt: skip
def test_what_is_typed_is_read_exactly_or_refused(
    code: CounterCode, currency: str, typed: str, amount: int | None
) -> None:
    CounterCode.objects.update(currency=currency)
    answer = pay(code, typed)
    if amount is None:
        assert answer.status_code == 400
        assert 'role="alert"' in answer.content.decode()
        assert "<b>" not in answer.content.decode().replace("<b></b>", "")
        assert not Order.objects.exists()
    else:
        assert Order.objects.get().amount == amount


def test_sent_twice_is_one_order_and_another_amount_another(code: CounterCode) -> None:
    first, again = pay(code, "21"), pay(code, "21.00")
    assert first.headers["Location"] == again.headers["Location"]
    assert pay(code, "22").headers["Location"] != first.headers["Location"]
    assert pay(code, "21", attempt="rubbish!").status_code == 303
    assert sorted(Order.objects.values_list("amount", flat=True)) == [2100, 2100, 2200]


def test_who_scans_finds_what_the_till_has_set(code: CounterCode) -> None:
    order = sell_at_till(code, till_content(code))
    for _ in range(2):
        answer = Client().get(place(code))
        assert (answer.status_code, answer.headers["Location"]) == (303, order.pay_url)
    assert pay(code, "5").headers["Location"] == order.pay_url
    newer = sell_at_till(code, till_content(code, partner_order_no="sale-2", amount=900))
    assert Client().get(place(code)).headers["Location"] == newer.pay_url
    # The same call again changes nothing at the till.
    assert sell_at_till(code, till_content(code)) == order
    assert Client().get(place(code)).headers["Location"] == newer.pay_url
    take_back(code)
    assert Client().get(place(code)).status_code == 200


@pytest.mark.parametrize("end", ["paid", "closed", "expired", "time is up"])
def test_an_order_that_cannot_be_paid_is_shown_to_nobody(code: CounterCode, end: str) -> None:
    order = sell_at_till(code, till_content(code))
    past = clock.now() - timedelta(seconds=1)
    Order.objects.filter(pk=order.pk).update(
        **{"expires_at": past} if end == "time is up" else {"state": end}
    )
    assert Client().get(place(code)).status_code == 200


@pytest.mark.parametrize("reason", ["code", "store", "partner", "replaced"])
def test_a_code_that_is_not_in_use_says_so(code: CounterCode, reason: str) -> None:
    old = place(code)
    if reason == "replaced":
        CounterCode.objects.update(token="b" * 22)
    else:
        row: Any = {"code": code, "store": code.store, "partner": code.store.partner}[reason]
        row.is_active = False
        row.save()
    for answer in (Client().get(old), Client().post(old, {"amount": "1"})):
        assert answer.status_code == 404
        assert "scanforpay-amount" not in answer.content.decode()
    assert "not in use" in Client().get(old, headers={"accept-language": "en"}).content.decode()
    assert not Order.objects.exists()


def test_a_rubbish_address_is_answered_calmly(code: CounterCode) -> None:
    for token in ("x", "\x00" * 22, "%F0%9F%98%80", "a" * 300):
        assert Client().get(f"/api/jspay/counter/{token}").status_code == 404
    assert Client().head(place(code)).status_code == 405


def test_after_many_unpaid_orders_the_code_waits(code: CounterCode) -> None:
    CounterCode.objects.update(unpaid_per_hour=2)
    first = pay(code, "1", "b" * 22)
    pay(code, "2", "c" * 22)
    refused = pay(code, "3", "d" * 22, **{"accept-language": "en"})
    assert refused.status_code == 400
    assert "ask at the till" in refused.content.decode()
    assert 'value="3"' in refused.content.decode()
    # Neither who has entered an amount already nor the till itself is kept from it.
    assert pay(code, "1", "b" * 22).headers["Location"] == first.headers["Location"]
    sell_at_till(code, till_content(code))
    take_back(code)
    Order.objects.filter(amount=100).update(state="paid")
    assert pay(code, "3", "d" * 22).status_code == 303
    CounterSale.objects.update(created_at=clock.now() - timedelta(hours=2))
    assert pay(code, "4", "e" * 22).status_code == 303


def test_a_store_without_a_wallet_says_so(code: CounterCode) -> None:
    CounterCode.objects.update(currency="USD")
    answer = pay(code, "3")
    assert answer.status_code == 400
    assert not Order.objects.exists()


def test_the_same_form_at_once_is_one_order(code: CounterCode) -> None:
    results = raced(6, lambda: pay(code, "21").headers["Location"])
    assert len(set(results)) == 1
    assert Order.objects.count() == CounterSale.objects.count() == 1
