"""The queue's statements on PostgreSQL; test_sql.py compares them with those of other databases."""

from datetime import timedelta

import pytest

from scanforpay_django.merchant_notify import sql
from scanforpay_django.merchant_notify.sql_postgresql import PostgreSQLStatements

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def test_postgresql_has_statements_of_its_own() -> None:
    assert isinstance(sql.statements(), PostgreSQLStatements)


def test_the_clock_goes_on_inside_a_transaction() -> None:
    first, second = (sql.fetch(f"SELECT {PostgreSQLStatements.NOW}", clock_offset=0)[0][0] for _ in range(2))
    (later,) = sql.fetch(f"SELECT {PostgreSQLStatements.NOW}", clock_offset=3600)[0]
    assert first < second
    assert timedelta(minutes=59) < later - second < timedelta(minutes=61)
