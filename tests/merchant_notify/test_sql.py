"""The queue's statements: the same in each database's class, and one clock for all of them."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from scanforpay_django.merchant_notify import sql
from scanforpay_django.merchant_notify.claim import claim
from scanforpay_django.merchant_notify.outbox import resend
from scanforpay_django.merchant_notify.record import Result, record
from scanforpay_django.models import Notification, NotificationAttempt, SignKey, moments
from scanforpay_django.transport import Outcome
from tests.rows import Rows

HOUR = timedelta(hours=1)
SHOP = "https://shop.example/notify"
OFFERED = {
    name for name in (*sql.Statements.__annotations__, *vars(sql.Statements)) if not name.startswith("_")
}


def parameters(statement: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", statement)) - {"clock_offset"}


@pytest.mark.parametrize("statements", sql.STATEMENTS.values())
def test_each_class_offers_every_statement(statements: sql.Statements) -> None:
    defined = {name for name in vars(type(statements)) if name in OFFERED}
    assert defined == OFFERED
    assert "take" in defined


@pytest.mark.parametrize("name", sorted(name for name in OFFERED if name.isupper()))
def test_both_classes_take_the_same_parameters(name: str) -> None:
    row = {"id": 1, "lease_token": "", "outcome": "", "delay": 0, "reason": "", "duration_ms": 0}
    row |= {"http_status": 200, "answer": "", "address": "", "partner": 1, "last_endpoint": ""}
    on_postgresql, on_sqlite = (
        parameters(getattr(statements, name)) - set(statements.table_parameters([row]))
        for statements in sql.STATEMENTS.values()
    )
    assert on_postgresql == on_sqlite


def test_both_classes_take_by_the_same_values() -> None:
    row = {"partner": 1, "endpoint": "e", "most": 1, "recovered_at": None, "only_newer": False}
    for statements in sql.STATEMENTS.values():
        given = set(statements.take_parameters([row, row]))
        assert parameters(statements.take(2)) == given | {"limit"}


@pytest.fixture
def an_hour_later(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (sql, moments):
        monkeypatch.setattr(module, "clock_offset_seconds", HOUR.total_seconds)


def is_an_hour_later(moment: object) -> bool:
    return abs(moment - timezone.now() - HOUR) < timedelta(minutes=2)


@pytest.mark.django_db(transaction=True)
def test_one_function_moves_the_clock_of_every_statement(rows: Rows, an_hour_later: None) -> None:
    notification = rows.notification(SHOP, next_at=timezone.now() + timedelta(minutes=59))
    rows.notification(SHOP, next_at=timezone.now() + timedelta(minutes=61))
    SignKey.objects.update(valid_from=timezone.now() + timedelta(minutes=59))
    (taken,) = claim(8).taken
    assert taken.obstacle == ""
    assert abs(int(taken.headers["Webhook-Timestamp"]) - timezone.now().timestamp() - 3600) < 120
    notification.refresh_from_db()
    assert is_an_hour_later(notification.lease_until)
    assert is_an_hour_later(NotificationAttempt.objects.get().started_at)
    assert record([Result(claimed=taken, outcome=Outcome(status=500))]).waiting == 1
    notification.refresh_from_db()
    assert is_an_hour_later(notification.next_at)
    assert resend(notification)
    (taken,) = claim(8).taken
    record([Result(claimed=taken, outcome=Outcome(status=200, body=b"success"))])
    assert is_an_hour_later(Notification.objects.get(pk=notification.pk).delivered_at)
