"""The SQL of docs/archive.md divides tables by month, and everything works on them."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from scanforpay_django import clock
from scanforpay_django.models import NotificationAttempt, Order, OrderEvent
from scanforpay_django.operations.archive.import_orders import import_orders
from tests.causes import API
from tests.merchant import Merchant
from tests.operations.archive.closed_orders import archive, everything, is_empty, make_orders, path
from tests.rows import Rows

__all__ = ["path"]
pytestmark = [pytest.mark.postgres, pytest.mark.django_db]

DOCS = (Path(__file__).parents[3] / "docs" / "archive.md").read_text(encoding="utf-8")
EVENTS, ATTEMPTS, MONTHS, DROP = re.findall(r"```sql\n(.+?)```", DOCS, re.DOTALL)
JANUARY = datetime(2027, 1, 15, tzinfo=UTC)


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        # What this test's own transaction has written is checked now: tables with pending checks are not altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(sql)
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def partitions(table: str) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT tableoid::regclass::text, COUNT(*) FROM {table} GROUP BY 1")
        return dict(cursor.fetchall())


@pytest.fixture
def orders(rows: Rows) -> list[Order]:
    """With rows of before, in partitioned tables."""
    made = make_orders(rows, 3)
    OrderEvent.objects.update(at=made[0].created_at)
    NotificationAttempt.objects.update(started_at=made[0].created_at)
    before = everything()
    for sql in (EVENTS, ATTEMPTS, MONTHS):
        run(sql)
    assert everything() == before
    return made


def test_rows_go_to_the_partition_of_their_month(orders: list[Order]) -> None:
    first = orders[0]
    before = set(OrderEvent.objects.values_list("pk", flat=True))
    first.record_event(API, {})
    new = OrderEvent.objects.exclude(pk__in=before)
    assert new.get().pk > max(before)
    new.update(at=JANUARY)
    attempt = first.notifications.get().attempts.create(number=2, started_at=JANUARY)
    attempt.state = "acknowledged"
    attempt.save()
    attempt = first.notifications.get().attempts.create(number=3, started_at=JANUARY.replace(year=2099))
    assert partitions("scanforpay_orderevent") == {
        "scanforpay_orderevent_before": 3,
        "scanforpay_orderevent_2027_01": 1,
    }
    assert partitions("scanforpay_notificationattempt") == {
        "scanforpay_notificationattempt_before": 3,
        "scanforpay_notificationattempt_2027_01": 1,
        "scanforpay_notificationattempt_default": 1,
    }
    run(DROP)
    assert [event.pk for event in OrderEvent.objects.all()] == sorted(before)


def test_orders_are_created_archived_and_imported(
    orders: list[Order], merchant: Merchant, path: Path, settings: Any
) -> None:
    assert merchant.create()["code"] == 1
    Order.objects.filter(state="pending").update(state="expired", created_at=clock.now())
    before = everything()
    assert archive(path).totals.orders == 3
    assert Order.objects.count() == 1
    assert import_orders(path).orders == 3
    assert everything() == before
    Order.objects.filter(state="expired").delete()
    archive(path.with_name("second"))
    assert is_empty()
