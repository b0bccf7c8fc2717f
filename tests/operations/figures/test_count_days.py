"""What is counted, and on which day."""

from datetime import date

import pytest

from scanforpay_django.models import Order, Payment, Refund, Store
from scanforpay_django.operations.figures.count_days import FigureKey, count_days
from tests.operations.figures.calendar import At, at, make, open_page, pay, refund, store

__all__ = ["at", "store"]
pytestmark = pytest.mark.django_db
FIRST, SECOND = date(2026, 11, 27), date(2026, 11, 28)
COHORT = (
    "created_count",
    "opened_count",
    "opened_paid_count",
    "opened_waiting_count",
    "opened_refused_count",
)


def count(store: Store) -> dict[tuple[date, str, str], dict[str, int]]:
    counted = count_days(store, FIRST, SECOND)
    return {
        (key.day, key.wallet, key.currency): {name: number for name, number in one.sums.items() if number}
        for key, one in counted.items()
    }


def test_an_order_is_counted_where_it_was_made_and_its_money_where_it_came(store: Store, at: At) -> None:
    at("2026-11-27 23:59:58")
    payment = open_page(make(store))
    at("2026-11-28 00:00:00")
    pay(payment)
    at("2026-11-28 12:34:00")
    payment.refresh_from_db()
    refund(payment, 700)
    # Midnight in Shanghai is 16:00 in UTC.
    assert count(store) == {
        (FIRST, "Wechat", "CNY"): {"created_count": 1, "opened_count": 1, "opened_paid_count": 1},
        (SECOND, "Wechat", "CNY"): {
            "paid_count": 1,
            "paid_amount": 2100,
            "refunded_count": 1,
            "refunded_amount": 700,
        },
    }
    slots = count_days(store, FIRST, SECOND)[FigureKey(SECOND, "Wechat", "CNY")].slots
    assert {slot: dict(one) for slot, one in slots.items()} == {
        "0": {"paid_count": 1, "paid_amount": 2100},
        "150": {"refunded_count": 1, "refunded_amount": 700},
    }


@pytest.mark.parametrize(
    ("state", "attempts", "counted"),
    [
        ("pending", [], (1, 0, 0, 0, 0)),
        ("pending", ["open"], (1, 1, 0, 1, 0)),
        ("expired", ["closed"], (1, 1, 0, 0, 0)),
        ("closed", ["failed", "closed"], (1, 1, 0, 0, 1)),
        ("expired", [], (1, 0, 0, 0, 0)),
    ],
)
def test_where_those_who_did_not_pay_left(
    store: Store, at: At, state: str, attempts: list[str], counted: tuple[int, ...]
) -> None:
    at("2026-11-27 10:00")
    order = make(store)
    for number, attempt in enumerate(attempts):
        open_page(order, attempt=number, state=attempt)
    Order.objects.update(state=state)
    (found,) = count(store).values()
    assert tuple(found.get(name, 0) for name in COHORT) == counted


def test_the_wallet_is_that_of_the_payment_and_currencies_stay_apart(store: Store, at: At) -> None:
    at("2026-11-27 10:00")
    for wallet, currency in (("Wechat", "CNY"), ("Alipay", "CNY"), ("Wechat", "HKD")):
        pay(open_page(make(store, wallet="Any", currency=currency), wallet=wallet))
    assert {key: one["paid_amount"] for key, one in count(store).items()} == {
        (FIRST, "Wechat", "CNY"): 2100,
        (FIRST, "Alipay", "CNY"): 2100,
        (FIRST, "Wechat", "HKD"): 2100,
    }


def test_it_takes_from_the_first_attempt_to_paid(store: Store, at: At) -> None:
    at("2026-11-27 10:00:00")
    order = make(store)
    open_page(order, attempt=0, state=Payment.State.CLOSED)
    at("2026-11-27 10:00:20")
    payment = open_page(order, attempt=1)
    at("2026-11-27 10:00:30")
    pay(payment)
    (figures,) = count_days(store, FIRST, FIRST).values()
    ((bucket, number),) = figures.pay_times.items()
    assert number == 1
    assert 1.05 ** int(bucket) <= 30 < 1.05 ** (int(bucket) + 1)


@pytest.mark.parametrize(
    "columns",
    [
        {"state": Refund.State.FAILED},
        {"state": Refund.State.PROCESSING, "finished_at": None},
        # it was never the order's money
        {"kind": Refund.Kind.DUPLICATE},
    ],
)
def test_only_refunds_of_orders_that_have_arrived_are_counted(store: Store, at: At, columns: dict) -> None:
    at("2026-11-27 10:00")
    payment = open_page(make(store))
    pay(payment)
    payment.refresh_from_db()
    refund(payment, 700, **columns)
    (found,) = count(store).values()
    assert "refunded_count" not in found


def test_another_store_is_not_counted(store: Store, at: At) -> None:
    other = Store.objects.create(partner=store.partner, store_no="other", name="Other")
    at("2026-11-27 10:00")
    pay(open_page(make(store)))
    assert count_days(other, FIRST, SECOND) == {}
