"""The last 30 days."""

from datetime import date

import pytest

from scanforpay_django.models import DailyFigure, Store
from scanforpay_django.operations.overview.month import read_month, read_stores
from tests.merchant import Merchant
from tests.operations.overview.desk import add_figure

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 28)


def months():
    return read_month(DailyFigure.objects.all(), TODAY)


def test_thirty_days_of_each_currency(merchant: Merchant) -> None:
    store = merchant.store
    for day, amount in (("2026-10-29", 1), ("2026-10-30", 200), ("2026-11-28", 300), ("2026-11-29", 1)):
        add_figure(store, day, paid_count=2, paid_amount=amount)
    add_figure(store, "2026-11-28", wallet="Alipay", paid_count=1, paid_amount=500, refunded_amount=50)
    add_figure(store, "2026-11-28", currency="JPY", paid_count=1, paid_amount=7)
    add_figure(store, "2026-11-28", currency="HKD", created_count=3)
    cny, jpy = months()
    assert [(month.currency, month.paid, month.paid_count, month.refunded) for month in (cny, jpy)] == [
        ("CNY", 1000, 5, 50),
        ("JPY", 7, 1, 0),
    ]
    assert len(cny.days) == 30
    assert [(str(share.name), share.amount, share.width) for share in cny.by_wallet] == [
        ("WeChat Pay", 500, "50.0"),
        ("Alipay", 500, "50.0"),
    ]
    newest, *others = cny.table
    assert newest == {
        "label": "Sat 2026-11-28",
        "paid": "8.00",
        "count": "3",
        "wallets": ["3.00", "5.00"],
        "refunded": "0.50",
    }
    assert others[-1]["label"] == "Fri 2026-10-30"
    assert jpy.table[0]["paid"] == "7"


def test_the_stores_that_were_paid_most(merchant: Merchant) -> None:
    other = Store.objects.create(partner=merchant.partner, store_no="other", name="")
    for store, day, amount in (
        (merchant.store, "2026-11-28", 100),
        (other, "2026-11-28", 300),
        (other, "2026-10-01", 9),
    ):
        add_figure(store, day, paid_count=1, paid_amount=amount)
    (month,) = months()
    shares = read_stores(DailyFigure.objects.all(), month)
    assert [(share.name, share.amount, share.width) for share in shares] == [
        ("other", 300, "75.0"),
        ("山茶小铺", 100, "25.0"),
    ]


def test_a_wallet_that_is_configured_no_more_keeps_its_name(merchant: Merchant) -> None:
    add_figure(merchant.store, "2026-11-28", wallet="Gone", paid_count=1, paid_amount=100)
    (month,) = months()
    assert month.wallet_labels == ["Gone"]
