"""Counts and sums."""

from scanforpay_django.models import Order, Payment, Refund
from scanforpay_django.operations.archive.totals import Totals


def count(currency: str, paid: int | None) -> Totals:
    totals = Totals()
    state = "paid" if paid else "closed"
    totals.add_order(
        {
            Order: [Order(amount=100, currency=currency)],
            Payment: [Payment(state=state, paid_amount=paid, paid_currency=currency if paid else "")],
            Refund: [
                Refund(state="succeeded", amount=3, currency=currency),
                Refund(state="failed", amount=9),
            ],
        }
    )
    return totals


def test_money_is_summed_by_currency() -> None:
    totals = Totals()
    for one in (count("CNY", 100), count("HKD", 70), count("CNY", None)):
        totals.add(one)
    assert totals.orders == 3
    assert totals.rows == {"Order": 3, "Payment": 3, "Refund": 6}
    assert totals.money_lines() == [
        "CNY: ordered 200, paid 100, refunded 6",
        "HKD: ordered 100, paid 70, refunded 3",
    ]


def test_they_survive_the_file() -> None:
    totals = count("CNY", 100)
    assert Totals.from_json(totals.as_json()) == totals
