"""PostgreSQL's plans of a claim, while its statistics say that nothing waits."""

from collections.abc import Iterator

import pytest
from django.db import connection

from scanforpay_django.merchant_notify import sql
from scanforpay_django.models import Notification, Order
from tests.merchant_notify.copies import copy_message, copy_order
from tests.rows import Rows

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

DUE, QUEUE = "scanforpay_notification_due", "scanforpay_notification_queue"
WAITING = 3000


@pytest.fixture
def stale(rows: Rows) -> Iterator[Notification]:
    """A table that was analysed when all had been delivered, and a queue that was filled after that."""
    message = rows.notification("https://shop.example/")
    template = Order.objects.get(pk=message.order_id)
    orders = [copy_order(template, number) for number in range(2 * WAITING)]
    Order.objects.bulk_create(orders)
    messages = [copy_message(message, order, number) for number, order in enumerate(orders)]
    Notification.objects.bulk_create(messages[:WAITING])
    Notification.objects.update(state=Notification.State.DELIVERED)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE scanforpay_notification SET (autovacuum_enabled = false)")
        cursor.execute("VACUUM ANALYZE scanforpay_notification, scanforpay_order")
        Notification.objects.bulk_create(messages[WAITING:])
        yield message
        cursor.execute("ALTER TABLE scanforpay_notification RESET (autovacuum_enabled)")


def plan(statement: str, **parameters: object) -> str:
    return "\n".join(line for (line,) in sql.fetch(f"EXPLAIN {statement}", **parameters))


def test_the_oldest_and_newest_are_found_by_their_moment(stale: Notification) -> None:
    statements = sql.statements()
    for statement in (statements.FIND_OLDEST, statements.FIND_NEWEST, statements.IS_ANYTHING_DUE):
        found = plan(statement, limit=64)
        assert DUE in found
        assert QUEUE not in found
        assert "Sort" not in found
        assert "Seq Scan" not in found


def test_who_waits_is_found_by_the_queue(stale: Notification) -> None:
    statements = sql.statements()
    starts = [{"partner": stale.partner_id, "last_endpoint": ""}]
    endpoints, table = statements.with_table(statements.NEXT_ENDPOINTS, starts)
    for found in (plan(statements.NEXT_PARTNERS, after=0, limit=64), plan(endpoints, visits=8, **table)):
        assert QUEUE in found
        assert DUE not in found
        assert "Seq Scan" not in found


def test_messages_are_taken_by_the_queue(stale: Notification) -> None:
    statements = sql.statements()
    entries = [
        {
            "partner": stale.partner_id,
            "endpoint": f"e{number}",
            "most": 4,
            "recovered_at": None,
            "only_newer": False,
        }
        for number in range(20)
    ]
    take, table = statements.with_table(statements.TAKE, entries)
    found = plan(take, limit=80, **table)
    assert QUEUE in found
    assert DUE not in found
    assert "Seq Scan on scanforpay_notification" not in found
    assert "Seq Scan on scanforpay_order" not in found


def test_the_statements_find_what_waits(stale: Notification) -> None:
    statements = sql.statements()
    starts = [{"partner": stale.partner_id, "last_endpoint": "e1"}]
    found = sql.fetch_by_table(statements.NEXT_ENDPOINTS, starts, visits=3)
    assert [(endpoint, is_due) for _partner, endpoint, is_due in found] == [
        ("e10", True), ("e11", True), ("e12", True),
    ]  # fmt: skip
