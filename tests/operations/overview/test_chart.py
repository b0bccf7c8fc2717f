"""The chart's geometry."""

from datetime import date

import pytest

from scanforpay_django.models import DailyFigure
from scanforpay_django.operations.overview.chart import TOP, ZERO, draw_charts
from scanforpay_django.operations.overview.month import read_month
from tests.merchant import Merchant
from tests.operations.overview.desk import add_figure

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 28)


def charts(merchant: Merchant, currency: str, *amounts: int, refunded: int = 0):
    wallets = ("Wechat", "Alipay")
    for wallet, amount in zip(wallets, amounts, strict=False):
        columns = {"paid_count": 1, "paid_amount": amount, "refunded_amount": refunded}
        add_figure(merchant.store, "2026-11-28", wallet=wallet, currency=currency, **columns)
    (month,) = read_month(DailyFigure.objects.all(), TODAY)
    return draw_charts(month)


@pytest.mark.parametrize(
    ("currency", "amount", "lines"),
    [
        ("CNY", 11_840_000, ["30,000", "60,000", "90,000", "120,000"]),
        ("CNY", 1, ["1", "2", "3", "4"]),
        ("CNY", 900, ["2.5", "5", "7.5", "10"]),
        ("JPY", 184_300, ["50,000", "100,000", "150,000", "200,000"]),
        ("KWD", 10**15, ["250,000,000,000", "500,000,000,000", "750,000,000,000", "1,000,000,000,000"]),
    ],
)
def test_lines_are_round_numbers_that_hold_the_most(
    merchant: Merchant, currency: str, amount: int, lines: list[str]
) -> None:
    for chart in charts(merchant, currency, amount):
        assert [text for _y, text in chart.lines] == lines
        top = min(float(box.y) for bar in chart.bars for box in bar.boxes)
        assert TOP <= top < ZERO


def test_a_bar_is_one_wallet_upon_the_other_and_says_what_it_is(merchant: Merchant) -> None:
    wide, narrow = charts(merchant, "CNY", 3000, 1000, refunded=100)
    assert (len(wide.bars), len(narrow.bars)) == (30, 14)
    first, second, back = wide.bars[-1].boxes
    assert (first.place, second.place, back.place) == (0, 1, None)
    assert float(second.y) + float(second.height) == pytest.approx(float(first.y), abs=0.11)
    assert float(first.height) == pytest.approx(3 * float(second.height), abs=0.2)
    assert wide.bars[-1].title == (
        "Sat 2026-11-28: CNY 40.00 paid in 2 payments (WeChat Pay CNY 30.00, Alipay CNY 10.00); CNY 2.00 refunded"
    )
    assert "The most was paid on Sat 2026-11-28: CNY 40.00." in wide.description


def test_a_month_in_which_all_was_only_refunded(merchant: Merchant) -> None:
    add_figure(merchant.store, "2026-11-28", refunded_count=1, refunded_amount=5)
    (month,) = read_month(DailyFigure.objects.all(), TODAY)
    (chart, _narrow) = draw_charts(month)
    assert [len(bar.boxes) for bar in chart.bars if bar.boxes] == [1]
