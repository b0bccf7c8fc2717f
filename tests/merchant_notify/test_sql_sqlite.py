"""The queue's statements on SQLite; test_sql.py compares them with those of other databases."""

import pytest
from django.db import connection

from scanforpay_django.merchant_notify import sql
from scanforpay_django.merchant_notify.sql_sqlite import SQLiteStatements

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def test_sqlite_has_statements_of_its_own() -> None:
    assert connection.vendor == "sqlite"
    assert isinstance(sql.statements(), SQLiteStatements)


def test_moments_are_compared_as_django_writes_them() -> None:
    (moment,) = sql.fetch(f"SELECT {SQLiteStatements.NOW}", clock_offset=0)[0]
    assert len(moment) == len("2026-11-01 10:00:00.123")
    assert moment[10] == " "
