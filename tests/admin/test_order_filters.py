"""The fields of the form above the list of orders."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from scanforpay_django import clock
from tests.admin.order_list import LIST, change, listed, pay, shown
from tests.rows import Rows

pytestmark = pytest.mark.django_db(transaction=True)
SHOP = "https://shop.example/notify"


def test_days_are_those_of_the_page(staff: Client, rows: Rows) -> None:
    noon = timezone.localtime(clock.now()).replace(hour=12, minute=0, second=0, microsecond=0)
    made = {
        days: change(rows.order(""), created_at=noon - timedelta(days=days)) for days in (400, 40, 7, 6, 1, 0)
    }

    def day(days: int) -> str:
        return f"{noon - timedelta(days=days):%Y-%m-%d}"

    def keys(*days: int) -> list[int]:
        return sorted(made[one].pk for one in days)

    assert listed(staff, **{"from": day(6)}) == keys(6, 1, 0)
    assert listed(staff, **{"from": day(7), "to": day(6)}) == keys(7, 6)
    assert listed(staff, to=day(40)) == keys(400, 40)
    assert listed(staff, **{"from": day(5), "to": day(2)}) == []
    first, last = noon.replace(hour=0), noon.replace(hour=23, minute=59, second=59)
    for moment in (first, last):
        change(made[1], created_at=moment - timedelta(days=1))
        assert listed(staff, **{"from": day(1), "to": day(1)}) == keys(1)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"least": "21"}, "cny21 jpy2100 kwd21"),
        ({"least": "21.5"}, "jpy2100"),
        ({"most": "20.99"}, "cny20"),
        ({"least": "20.995", "most": "21"}, "cny21 kwd21"),
        ({"most": "2,100", "currency": "JPY"}, "jpy2100"),
        ({"currency": "KWD"}, "kwd21"),
        ({"channel": "jsapi"}, "cny21"),
        ({"wallet": "Alipay"}, "cny20"),
    ],
)
def test_fields_narrow_it(staff: Client, rows: Rows, query: dict[str, str], expected: str) -> None:
    amounts = {
        "cny21": (2100, "CNY"),
        "cny20": (2000, "CNY"),
        "jpy2100": (2100, "JPY"),
        "kwd21": (21_000, "KWD"),
    }
    made = {}
    for name, (amount, currency) in amounts.items():
        wallet = "Alipay" if name == "cny20" else "Wechat"
        made[name] = change(rows.order(""), amount=amount, currency=currency, wallet=wallet)
    pay(made["cny21"], product="jsapi")
    assert listed(staff, **query) == sorted(made[name].pk for name in expected.split())


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"from": "2026-13-01"}, "Enter a day like"),
        ({"to": "9999-12-31"}, "Enter a day like"),
        ({"from": "0001-01-01"}, "Enter a day like"),
        ({"least": "-5"}, "Enter an amount like"),
        ({"most": "9" * 40}, "Enter an amount like"),
        ({"currency": "XXX"}, "There is no such currency."),
        ({"state": "x"}, "There is no such state."),
        ({"channel": "x"}, "There is no such channel."),
    ],
)
def test_what_cannot_be_read_is_said_and_stays_in_the_form(
    staff: Client, rows: Rows, query: dict[str, str], words: str
) -> None:
    rows.order("")
    assert listed(staff, **query) == []
    assert words in shown(staff, **query)
    if not {"state", "currency", "channel"} & set(query):
        assert f'value="{next(iter(query.values()))}"' in staff.get(LIST, query).content.decode()
