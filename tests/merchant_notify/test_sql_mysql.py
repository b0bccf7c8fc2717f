"""The queue's statements on MariaDB and MySQL; test_sql.py compares them with those of other databases."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.backends.utils import CursorWrapper

from scanforpay_django.merchant_notify import sql
from scanforpay_django.merchant_notify.claim import claim
from scanforpay_django.merchant_notify.sql_mysql import MySQLStatements
from scanforpay_django.models import Notification, Order
from scanforpay_django.models.database import atomic
from tests.merchant_notify.copies import copy_message, copy_order
from tests.rows import Rows

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.mysql]

DUE, QUEUE = "scanforpay_notification_due", "scanforpay_notification_queue"
LEASED = "scanforpay_notification_leased"
WAITING = 1000


def test_moments_are_utc_in_a_session_of_another_zone() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT TIMESTAMPDIFF(HOUR, UTC_TIMESTAMP(), NOW())")
        assert cursor.fetchone() == (8,)
    (now,) = sql.fetch(f"SELECT {MySQLStatements.NOW}", clock_offset=0)[0]
    (later,) = sql.fetch(f"SELECT {MySQLStatements.NOW}", clock_offset=90.5)[0]
    assert abs(now.replace(tzinfo=UTC) - datetime.now(UTC)) < timedelta(minutes=1)
    assert timedelta(seconds=90) < later - now < timedelta(seconds=120)


def test_a_message_is_due_when_it_is_written(rows: Rows) -> None:
    rows.notification("https://shop.example/")
    assert len(claim(8).taken) == 1


@pytest.fixture
def stale(rows: Rows) -> Notification:
    """A table that was analysed when all had been delivered, and a queue that was filled after that."""
    message = rows.notification("https://shop.example/")
    template = Order.objects.get(pk=message.order_id)
    Order.objects.bulk_create(copy_order(template, number) for number in range(2 * WAITING))
    orders = list(Order.objects.exclude(pk=template.pk).order_by("pk"))
    messages = [copy_message(message, order, number) for number, order in enumerate(orders)]
    Notification.objects.bulk_create(messages[:WAITING])
    Notification.objects.update(state=Notification.State.DELIVERED)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE scanforpay_notification STATS_AUTO_RECALC = 0")
        cursor.execute("ANALYZE TABLE scanforpay_notification")
        cursor.fetchall()
        Notification.objects.bulk_create(messages[WAITING:])
    return message


def plan(statement: str, **parameters: object) -> list[dict[str, object]]:
    """The lines of EXPLAIN that read notifications."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {statement}", {"clock_offset": 0, **parameters})
        names = [column[0] for column in cursor.description]
        lines = [dict(zip(names, line, strict=True)) for line in cursor.fetchall()]
    return [line for line in lines if line["table"] == "n"]


def test_the_oldest_and_newest_are_found_by_their_moment(stale: Notification) -> None:
    statements = sql.statements()
    for statement in (statements.FIND_OLDEST, statements.FIND_NEWEST, statements.IS_ANYTHING_DUE):
        (line,) = plan(statement, limit=64)
        assert line["key"] == DUE
        assert "filesort" not in line["Extra"]
        assert "temporary" not in line["Extra"]


def test_who_waits_is_found_by_leaps(stale: Notification) -> None:
    statements = sql.statements()
    starts = [{"partner": stale.partner_id, "last_endpoint": ""}] * 3
    endpoints, table = statements.with_table(statements.NEXT_ENDPOINTS, starts)
    lines = [*plan(statements.NEXT_PARTNERS, after=0, limit=64), *plan(endpoints, visits=8, **table)]
    assert len(lines) == 5
    assert {line["key"] for line in lines} == {QUEUE}
    assert sum("Using index for group-by" in line["Extra"] for line in lines) == 4


def test_messages_are_taken_by_the_queue(stale: Notification) -> None:
    statements = sql.statements()
    entry = {"partner": stale.partner_id, "most": 4, "recovered_at": None, "only_newer": False}
    take, table = statements.with_table(
        statements.TAKE, [{**entry, "endpoint": f"e{number}"} for number in range(20)]
    )
    lines = plan(take, limit=80, **table)
    assert len(lines) == 20
    assert {line["key"] for line in lines} == {QUEUE}
    assert not any("filesort" in line["Extra"] for line in lines)
    assert len(sql.fetch(take, limit=80, **table)) == 80


def test_what_is_in_flight_is_counted_by_its_leases(stale: Notification) -> None:
    (line,) = plan(sql.statements().COUNT_LEASED, seconds=60)
    assert line["key"] == LEASED


def test_the_statements_find_what_waits(stale: Notification) -> None:
    starts = [{"partner": stale.partner_id, "last_endpoint": "e1"}]
    found = sql.fetch_by_table(sql.statements().NEXT_ENDPOINTS, starts, visits=3)
    assert [(endpoint, bool(is_due)) for _partner, endpoint, is_due in found] == [
        ("e10", True), ("e11", True), ("e12", True),
    ]  # fmt: skip


def test_what_another_transaction_takes_is_left_to_it(rows: Rows) -> None:
    store = rows.store()
    first, second = (rows.notification("https://shop.example/", store) for _ in range(2))
    entry = {"partner": first.partner_id, "endpoint": first.endpoint, "recovered_at": None}
    take, table = sql.statements().with_table(
        sql.statements().TAKE, [{**entry, "most": 1, "only_newer": False}]
    )
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
            cursor.execute("BEGIN")
            cursor.execute(take, {"clock_offset": 0, "limit": 1, **table})
            (theirs,) = cursor.fetchall()
        with atomic():
            (ours,) = sql.fetch(take, limit=1, **table)
        assert {theirs[0], ours[0]} == {first.pk, second.pk}
    finally:
        other.close()


def test_a_server_that_cannot_skip_locked_rows_waits(monkeypatch: pytest.MonkeyPatch, rows: Rows) -> None:
    """MariaDB 10.5, the oldest that Django 5.2 takes."""
    rows.notification("https://shop.example/")
    monkeypatch.setattr(connection.features, "has_select_for_update_skip_locked", False)
    told: list[str] = []
    execute = CursorWrapper.execute
    monkeypatch.setattr(
        CursorWrapper,
        "execute",
        lambda self, statement, params=None: told.append(statement) or execute(self, statement, params),
    )
    assert len(claim(8).taken) == 1
    (take,) = [statement for statement in told if "FOR UPDATE" in statement and "UNION" not in statement]
    assert "SKIP LOCKED" not in take
