"""Today's cards."""

from collections import Counter
from datetime import date, time

import pytest

from scanforpay_django.operations.overview.cards import make_cards, show_seconds
from scanforpay_django.operations.overview.today import DaySums, Today


def day(paid: int, count: int, refunded: int = 0) -> DaySums:
    columns = ("paid_amount", "paid_count", "refunded_amount", "refunded_count")
    numbers = dict(zip(columns, (paid, count, refunded, int(refunded > 0)), strict=True))
    orders = {"created_count": 20, "opened_count": 10, "opened_paid_count": count}
    return DaySums(orders=Counter(orders), money={"CNY": Counter(numbers)})


def make(**days: DaySums) -> Today:
    return Today(day=date(2026, 11, 28), until=time(17, 40), **days)


def test_what_was_paid_and_how_that_has_changed() -> None:
    today = make(so_far=day(9000, 9), compared=day(5000, 4), last_week=day(4000, 5))
    ((card,), _others) = make_cards(today, "HKD")
    assert (card.title, card.amount, card.currency) == ("Paid today, CNY", 9000, "CNY")
    assert [(one.text, one.label, one.is_up) for one in card.changes] == [
        ("25.0 %", "amount", True),
        ("20.0 %", "payments", False),
    ]
    assert card.lines == ["9 payments", "Sat 2026-11-21 until 17:40: CNY 40.00, payments: 5"]


def test_what_became_of_the_orders() -> None:
    today = make(so_far=day(9000, 9, 90), compared=day(5000, 4), last_week=day(4000, 5, 20))
    _paid, (opened, pay_time, refunded) = make_cards(today, "CNY")
    assert opened.text == "90.0 %"
    assert [(one.text, one.is_good) for one in opened.changes] == [("10.0 points", False)]
    assert opened.lines == [
        "9 of 10 opened today; 10 of 20 were never opened",
        "not paid: 1 left, 0 refused by a platform, 0 still waiting",
    ]
    assert (pay_time.text, pay_time.lines) == ("–", [])
    assert refunded.lines == ["CNY 0.90 in 1 refund", "1.0 % of what was paid (Sat 2026-11-21: 0.5 %)"]


def test_a_day_without_anything_is_shown_in_the_months_currency() -> None:
    ((card,), others) = make_cards(make(), "HKD")
    assert (card.amount, card.currency, card.changes) == (0, "HKD", [])
    assert [(one.text, one.amount) for one in others] == [("–", None), ("–", None), ("", 0)]


@pytest.mark.parametrize(
    ("seconds", "text"), [(11.44, "11.4 s"), (75, "1 min 15 s"), (7320, "2 h 2 min"), (59.99, "60.0 s")]
)
def test_times_as_people_say_them(seconds: float, text: str) -> None:
    assert show_seconds(seconds) == text
