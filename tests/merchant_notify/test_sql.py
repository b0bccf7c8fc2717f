"""The queue's statements: the same in each database's class, and one clock for all of them."""

import re
from datetime import timedelta

import pytest

from scanforpay_django import clock
from scanforpay_django.merchant_notify import sql
from scanforpay_django.merchant_notify.claim import claim
from scanforpay_django.merchant_notify.outbox import resend
from scanforpay_django.merchant_notify.record import Result, record
from scanforpay_django.models import Notification, NotificationAttempt, SignKey
from scanforpay_django.transport import Outcome
from tests.rows import Rows

HOUR = timedelta(hours=1)
SHOP = "https://shop.example/notify"
OFFERED = {
    name for name in (*sql.Statements.__annotations__, *vars(sql.Statements)) if not name.startswith("_")
}


def parameters(statement: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", statement)) - {"clock_offset"}


ROWS = {
    "TAKE": {"partner": 1, "endpoint": "e", "most": 1, "recovered_at": None, "only_newer": False},
    "HOLD_ENDPOINTS": {"endpoint": "e"},
    "NEXT_ENDPOINTS": {"partner": 1, "last_endpoint": ""},
    "RECORD_OUTCOMES": {"id": 1, "lease_token": "", "outcome": "", "delay": 0, "reason": ""},
    "FIND_HELD": {"id": 1, "lease_token": "", "outcome": "", "delay": 0, "reason": ""},
    "FINISH_ATTEMPTS": {
        "id": 1, "outcome": "", "duration_ms": 0, "http_status": 200, "reason": "", "answer": "", "address": "",
    },
}  # fmt: skip


@pytest.mark.parametrize("statements", sql.STATEMENTS.values())
def test_each_class_offers_every_statement(statements: sql.Statements) -> None:
    assert {name for name in OFFERED if hasattr(statements, name)} == OFFERED
    assert {"TAKE", "with_table"} < OFFERED


@pytest.mark.parametrize("name", sorted(name for name in OFFERED if name.isupper()))
def test_all_classes_take_the_same_parameters(name: str) -> None:
    taken = []
    for statements in sql.STATEMENTS.values():
        statement, table = getattr(statements, name), {}
        if name in ROWS and statement:
            statement, table = statements.with_table(statement, [ROWS[name], ROWS[name]])
        taken.append(parameters(statement) - set(table))
        assert set(table) <= parameters(statement) | set(ROWS.get(name, {}))
    # what one database returns has to be asked for on another
    assert len({frozenset(one) for one in taken if one or not name.startswith("FIND_")}) <= 1


@pytest.fixture
def an_hour_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "offset_seconds", lambda: HOUR // timedelta(seconds=1))


def is_an_hour_later(moment: object) -> bool:
    return abs(moment - clock.host_now() - HOUR) < timedelta(minutes=2)


@pytest.mark.django_db(transaction=True)
def test_one_function_moves_the_clock_of_every_statement(rows: Rows, an_hour_later: None) -> None:
    notification = rows.notification(SHOP, next_at=clock.host_now() + timedelta(minutes=59))
    rows.notification(SHOP, next_at=clock.host_now() + timedelta(minutes=61))
    SignKey.objects.update(valid_from=clock.host_now() + timedelta(minutes=59))
    (taken,) = claim(8).taken
    assert taken.obstacle == ""
    # The merchant has the real time.
    assert abs(int(taken.headers["Webhook-Timestamp"]) - clock.host_now().timestamp()) < 120
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
