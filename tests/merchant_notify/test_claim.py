"""Claims: one owner a row, whoever comes late changes nothing, and what is sent again."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from scanforpay_django.merchant_notify.claim import claim
from scanforpay_django.merchant_notify.delivery import drain
from scanforpay_django.merchant_notify.outbox import resend
from scanforpay_django.merchant_notify.record import Result, record
from scanforpay_django.models import Notification, NotificationAttempt, Order
from scanforpay_django.transport import Outcome
from tests.rows import Rows, raced
from tests.transport.zoo import Zoo

pytestmark = pytest.mark.django_db(transaction=True)
State = Notification.State
TAKEN = Outcome(status=200, body=b"success")


def lease_runs_out(notification: Notification) -> None:
    Notification.objects.filter(pk=notification.pk).update(lease_until=Now() - timedelta(seconds=1))


def fresh(notification: Notification) -> Notification:
    notification.refresh_from_db()
    return notification


def states_of_attempts(notification: Notification) -> list[str]:
    return list(notification.attempts.order_by("number").values_list("state", flat=True))


def test_a_crash_in_the_middle_leaves_a_trace_and_the_row_comes_back(rows: Rows, zoo: Zoo) -> None:
    notification = rows.notification(zoo.answering(b"success"))
    assert len(claim(8).taken) == 1  # and the worker dies
    assert drain().claimed == 0
    lease_runs_out(notification)
    assert drain().delivered == 1
    assert states_of_attempts(notification) == ["unknown", "acknowledged"]


def test_a_late_worker_changes_nothing(rows: Rows) -> None:
    notification = rows.notification("http://127.0.0.1:1/")
    late = claim(8).taken[0]
    lease_runs_out(notification)
    thief = claim(8).taken[0]
    recorded = record([Result(claimed=late, outcome=TAKEN)])
    assert (recorded.lost, recorded.delivered) == (1, 0)
    assert fresh(notification).state == State.PENDING
    assert notification.lease_token == thief.lease_token
    assert states_of_attempts(notification) == ["unknown", "sending"]


def test_one_endpoint_gets_no_more_than_its_cap(rows: Rows, settings: Any) -> None:
    settings.SCANFORPAY_NOTIFY_ENDPOINT_CAP = 2
    crowded, other = rows.store(), rows.store()
    for _ in range(5):
        rows.notification("http://127.0.0.1:81/", crowded)
    rows.notification("http://127.0.0.1:82/", other)
    taken = claim(64).taken
    assert sorted(one.url[-3:-1] for one in taken) == ["81", "81", "82"]
    assert claim(64).taken == []


def test_the_limit_of_a_claim_holds(rows: Rows) -> None:
    for _ in range(6):
        rows.notification("http://127.0.0.1:81/")
    assert len(claim(4).taken) == 4


def test_send_again_starts_the_ladder_anew(rows: Rows, zoo: Zoo) -> None:
    notification = rows.notification(zoo.answering(b"success"), state=State.EXHAUSTED, attempt_count=19)
    assert resend(notification)
    assert drain().delivered == 1
    assert fresh(notification).attempt_count == 20
    assert notification.schedule_start == 19


@pytest.mark.parametrize("state", [State.DELIVERED, State.PENDING, State.EXHAUSTED])
def test_send_again_takes_every_settled_state(rows: Rows, state: str) -> None:
    assert resend(rows.notification("http://127.0.0.1:81/", state=state))


def test_send_again_leaves_a_running_try_alone(rows: Rows) -> None:
    notification = rows.notification("http://127.0.0.1:81/")
    claim(8)
    assert not resend(notification)


def test_send_again_is_refused_for_an_order_that_is_not_paid(rows: Rows) -> None:
    notification = rows.notification("http://127.0.0.1:81/", state=State.EXHAUSTED)
    Order.objects.update(state=Order.State.REFUNDED)
    assert not resend(notification)
    assert fresh(notification).state == State.EXHAUSTED


@pytest.mark.postgres
def test_eight_workers_claim_each_row_once(rows: Rows) -> None:
    for _ in range(200):
        rows.notification("http://127.0.0.1:81/")

    def work() -> list[int]:
        mine: list[int] = []
        while taken := claim(8).taken:
            mine += [one.pk for one in taken]
        return mine

    claimed = [pk for mine in raced(8, work) for pk in mine]
    assert len(claimed) == len(set(claimed)) == 200
    assert NotificationAttempt.objects.count() == 200


@pytest.mark.postgres
def test_eight_drains_deliver_each_row_once(rows: Rows, zoo: Zoo) -> None:
    url = zoo.answering(b"success")
    for _ in range(100):
        rows.notification(url)
    reports = raced(8, drain)
    assert sum(report.delivered for report in reports) == 100
    assert len(zoo.requests) == 100
