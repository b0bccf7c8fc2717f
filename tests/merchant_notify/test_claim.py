"""Claims: one owner a row, and a late worker changes nothing."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.db.models import F

from scanforpay_django.merchant_notify.claim import claim
from scanforpay_django.merchant_notify.delivery import drain
from scanforpay_django.merchant_notify.occupancy import Occupancy
from scanforpay_django.merchant_notify.record import Result, record
from scanforpay_django.merchant_notify.sql import hold_endpoints
from scanforpay_django.models import Notification, NotificationAttempt
from scanforpay_django.models.moments import DatabaseNow as Now
from scanforpay_django.transport import Outcome
from tests.rows import Rows
from tests.threads import raced
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


@pytest.mark.postgres
def test_workers_that_claim_in_the_same_instant_share_the_first_cap(rows: Rows, settings: Any) -> None:
    """What hangs from the beginning holds no more, however many workers find it."""
    settings.SCANFORPAY_NOTIFY_ENDPOINT_CAP = 4
    stores = [rows.store() for _ in range(12)]
    for number, store in enumerate(stores):
        for _ in range(40):
            rows.notification(f"http://127.0.0.1:{81 + number}/", store)
    claims = raced(8, lambda: [one.endpoint for found in (claim(64), claim(64)) for one in found.taken])
    held = Counter(endpoint for mine in claims for endpoint in mine)
    assert len(held) == 12
    assert set(held.values()) == {4}


@pytest.mark.postgres
def test_an_endpoint_that_another_claim_holds_is_looked_at_again_soon(rows: Rows) -> None:
    held, free = rows.notification("http://127.0.0.1:81/"), rows.notification("http://127.0.0.1:82/")
    with transaction.atomic():
        assert hold_endpoints([held.endpoint]) == {held.endpoint}
        (found,) = raced(1, lambda: claim(64))
    assert ([one.pk for one in found.taken], found.is_contended) == ([free.pk], True)
    found = claim(64)
    assert ([one.pk for one in found.taken], found.is_contended) == ([held.pk], False)


@pytest.mark.postgres
def test_what_another_claim_holds_goes_to_those_behind(rows: Rows) -> None:
    notifications = [rows.notification(f"http://127.0.0.1:{81 + number}/") for number in range(6)]
    oldest = [one.endpoint for one in notifications[:2]]
    occupancy = Occupancy(slots=6, most=6)
    with transaction.atomic():
        assert len(hold_endpoints(oldest)) == 2
        (found,) = raced(1, lambda: claim(3, occupancy))
    assert found.is_contended
    assert len(found.taken) == 3
    assert not {one.endpoint for one in found.taken} & set(oldest)


def test_the_limit_of_a_claim_holds(rows: Rows) -> None:
    for _ in range(6):
        rows.notification("http://127.0.0.1:81/")
    assert len(claim(4).taken) == 4


@pytest.mark.row_locks
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


@pytest.mark.row_locks
def test_eight_drains_deliver_each_row_once(rows: Rows, zoo: Zoo) -> None:
    url = zoo.answering(b"success")
    for _ in range(100):
        rows.notification(url)
    reports = raced(8, drain)
    assert sum(report.delivered for report in reports) == 100
    assert len(zoo.requests) == 100


@pytest.mark.parametrize("minutes", [-10, 10])
def test_a_worker_whose_clock_is_off_is_neither_early_nor_late(rows: Rows, zoo: Zoo, minutes: int) -> None:
    url = zoo.answering(b"success")
    due, not_due, leased = (rows.notification(url) for _ in range(3))
    Notification.objects.filter(pk=not_due.pk).update(next_at=Now() + timedelta(minutes=5))
    Notification.objects.filter(pk=leased.pk).update(lease_until=Now() + timedelta(minutes=5))
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=minutes)):
        assert drain().claimed == 1
    due.refresh_from_db()
    assert due.state == Notification.State.DELIVERED
    sent_at = int(re.findall(rb"Webhook-Timestamp: (\d+)", zoo.requests[0])[0])
    assert abs(sent_at - datetime.now(UTC).timestamp()) < 60
    late = Notification.objects.filter(pk=due.pk, delivered_at__lt=F("next_at") - timedelta(minutes=1))
    assert not late.exists()


SLOW_COMMIT = (
    "CREATE FUNCTION slow_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM PG_SLEEP(1.5); RETURN NULL; "
    "END $$; CREATE CONSTRAINT TRIGGER slow_commit AFTER INSERT ON scanforpay_notificationattempt "
    "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow_commit()"
)


@pytest.mark.postgres
def test_what_is_held_no_longer_is_not_sent(rows: Rows, zoo: Zoo, settings: Any) -> None:
    """A worker that was paused, or waited for its COMMIT, longer than its lease: another has the message by then."""
    settings.SCANFORPAY_NOTIFY_LEASE_SECONDS = 1
    notification = rows.notification(zoo.answering(b"success"))
    with connection.cursor() as cursor:
        cursor.execute(SLOW_COMMIT)
    try:
        assert drain(max_seconds=1).lost == 1
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION slow_commit CASCADE")
    assert zoo.requests == []
    assert drain().delivered == 1
    assert list(notification.attempts.values_list("state", flat=True)) == ["unknown", "acknowledged"]
