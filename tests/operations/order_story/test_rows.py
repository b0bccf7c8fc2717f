"""Rows of an order, as far as their reader may see them."""

from datetime import timedelta

import pytest

from scanforpay_django.models import OrderEvent
from scanforpay_django.operations.order_story import Reader, load_rows
from scanforpay_django.operations.staff_scope import Scope
from tests.merchant import Merchant
from tests.operations.order_story.seed import EVERYTHING, NOW, Story, read, seed
from tests.operations.order_story.stories import APPLIED, PAID_ORDER, STRAY

pytestmark = pytest.mark.django_db
RICH = Story(
    name="rich",
    order=PAID_ORDER,
    payments=(APPLIED, STRAY),
    refunds=({"state": "succeeded"},),
    notified={"state": "delivered"},
    flags=("refund_sum",),
    events=({}, {"at": NOW - timedelta(days=1)}),
    says="",
)


def test_all_of_it(merchant: Merchant) -> None:
    rows = read(seed(merchant.store, RICH))
    assert [len(part) for part in (rows.payments, rows.refunds, rows.events, rows.notifications, rows.flags)] == [
        2, 1, 2, 1, 1,
    ]  # fmt: skip
    assert rows.applied is not None
    assert [one.is_unapplied for one in rows.unapplied] == [True]
    assert rows.find_refunds(rows.applied) == rows.refunds
    assert len(rows.open_flags) == 1


def test_what_is_older(merchant: Merchant) -> None:
    order = seed(merchant.store, RICH)
    assert OrderEvent.objects.count() == 2
    assert len(load_rows(order, EVERYTHING, before=NOW).events) == 1


@pytest.mark.parametrize(
    "reader",
    [
        Reader(scope=Scope(sees_all=True), may=lambda codename: codename == "view_order"),
        Reader(scope=Scope(store_ids=frozenset({-1})), may=lambda _codename: True),
    ],
    ids=["without permission", "of another store"],
)
def test_nothing_that_is_not_the_readers(merchant: Merchant, reader: Reader) -> None:
    rows = load_rows(seed(merchant.store, RICH), reader)
    parts = (
        rows.payments,
        rows.refunds,
        rows.events,
        rows.calls,
        rows.notifications,
        rows.attempts,
        rows.flags,
    )
    assert [len(part) for part in parts] == [0] * 7
