"""The queue's statements on SQLite; test_sql.py compares them with those of other databases."""

import pytest
from django.db import connection
from django.db.models import TextField
from django.db.models.functions import Cast

from scanforpay_django import clock
from scanforpay_django.merchant_notify import sql
from scanforpay_django.merchant_notify.sql_sqlite import SQLiteStatements
from scanforpay_django.models import Notification, moments
from tests.rows import Rows

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def test_sqlite_has_statements_of_its_own() -> None:
    assert connection.vendor == "sqlite"
    assert isinstance(sql.statements(), SQLiteStatements)


def test_moments_are_compared_as_django_writes_them() -> None:
    (moment,) = sql.fetch(f"SELECT {SQLiteStatements.NOW}", clock_offset=0)[0]
    assert len(moment) == len("2026-11-01 10:00:00.123000")
    assert moment[10] == " "


@pytest.mark.parametrize("offset", [0, 3600])
def test_a_moment_of_the_orm_is_due_at_once(rows: Rows, monkeypatch: pytest.MonkeyPatch, offset: int) -> None:
    monkeypatch.setattr(clock, "offset_seconds", lambda: offset)
    rows.notification("https://shop.example/notify")
    written = Cast(moments.database_now(), TextField())
    statement, params = Notification.objects.values_list(written).query.sql_with_params()
    # One statement has one moment on SQLite.
    found = f"SELECT ({statement % params}), {SQLiteStatements.NOW % {'clock_offset': offset}}"
    with connection.cursor() as cursor:
        by_the_orm, now = cursor.execute(found).fetchone()
    assert by_the_orm <= now
    assert by_the_orm[:19] == now[:19]
