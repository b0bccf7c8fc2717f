"""The breaker counts across workers; putting off is no try; what waited comes back slowly."""

import resource
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scanforpay_django import clock
from scanforpay_django.merchant_notify.claim import claim
from scanforpay_django.merchant_notify.delivery import drain
from scanforpay_django.merchant_notify.endpoints import OPENS_AFTER
from scanforpay_django.merchant_notify.record import Result, record
from scanforpay_django.models import Endpoint, Notification, NotificationAttempt
from scanforpay_django.models.moments import DatabaseNow as Now
from scanforpay_django.transport import Outcome, connections, resolver
from tests.rows import Rows
from tests.threads import raced
from tests.transport.zoo import Zoo, whole

pytestmark = pytest.mark.django_db(transaction=True)

SHOP = "http://127.0.0.1:81/"

TAKEN = Outcome(status=200, body=b"success")

REFUSED = Outcome(status=None, reason="connection refused")


def answer(*outcomes: Outcome) -> None:
    """Claim one message for each outcome and record it."""
    for outcome in outcomes:
        taken = claim(1).taken
        assert taken
        record([Result(claimed=taken[0], outcome=outcome)])
        Notification.objects.update(next_at=Now() - timedelta(seconds=1))


def probe_now() -> None:
    Endpoint.objects.update(next_probe_at=Now())


@pytest.fixture
def crowd(rows: Rows) -> list[Notification]:
    store = rows.store()
    return [rows.notification(SHOP, store) for _ in range(40)]


def test_five_failures_in_a_row_open_it(crowd: Any) -> None:
    answer(*[REFUSED] * 4)
    assert Endpoint.objects.get().open_since is None
    assert len(claim(64).taken) == 4
    Notification.objects.update(lease_until=None)
    answer(REFUSED)
    assert Endpoint.objects.get().open_since is not None


@pytest.mark.parametrize(
    ("outcome", "opens"),
    [
        (REFUSED, True),
        (Outcome(status=None, reason="timeout after 15 s"), True),
        (Outcome(status=502), True),
        (Outcome(status=404), False),
        (Outcome(status=200, body=b"fail"), False),
        (Outcome(status=None, reason="address refused: x"), False),
        (Outcome(status=None, reason="sending failed: ImproperlyConfigured"), False),
    ],
)
def test_only_its_own_faults_open_it(crowd: Any, outcome: Outcome, opens: bool) -> None:
    answer(*[outcome] * 5)
    endpoint = Endpoint.objects.first()
    assert (endpoint is not None and endpoint.open_since is not None) == opens


def test_a_success_between_starts_the_count_anew(crowd: Any) -> None:
    answer(*[REFUSED] * 4, TAKEN, *[REFUSED] * 4)
    endpoint = Endpoint.objects.get()
    assert (endpoint.failures_in_row, endpoint.open_since) == (4, None)


def test_an_open_breaker_lets_one_probe_through_and_charges_no_other(crowd: Any) -> None:
    answer(*[REFUSED] * 5)
    tries = NotificationAttempt.objects.count()
    assert claim(64).taken == []
    probe_now()
    assert len(claim(64).taken) == 1
    assert claim(64).taken == []
    assert NotificationAttempt.objects.count() == tries + 1


def test_an_open_breaker_without_a_next_probe_is_probed(crowd: Any) -> None:
    answer(*[REFUSED] * 5)
    Endpoint.objects.update(next_probe_at=None)
    assert len(claim(64).taken) == 1
    assert claim(64).taken == []


@pytest.mark.row_locks
def test_eight_workers_send_one_probe(crowd: Any) -> None:
    answer(*[REFUSED] * 5)
    probe_now()
    assert sum(raced(8, lambda: len(claim(64).taken))) == 1


def test_the_first_success_closes_it_and_the_rest_comes_slowly(crowd: Any, settings: Any) -> None:
    settings.SCANFORPAY_NOTIFY_ENDPOINT_CAP = 64
    answer(*[REFUSED] * 5)
    probe_now()
    answer(TAKEN)
    endpoint = Endpoint.objects.get()
    assert (endpoint.failures_in_row, endpoint.open_since) == (0, None)
    assert 9 <= len(claim(64).taken) <= 12
    assert len(claim(64).taken) <= 3
    Endpoint.objects.update(refilled_at=Now() - timedelta(seconds=0.5))
    assert 5 <= len(claim(64).taken) <= 8


def statements_of_a_claim() -> int:
    with CaptureQueriesContext(connection) as captured:
        assert claim(1).taken
    return sum(len(query["sql"]) for query in captured)


def test_endpoints_with_nothing_due_cost_a_claim_nothing(rows: Rows) -> None:
    """Nobody closes the breaker of a shop that is gone: there may be thousands."""
    store = rows.store()
    for _ in range(2):
        rows.notification(SHOP, store)
    before = statements_of_a_claim()
    now = clock.now()
    for number in range(100):
        state = {"open_since": now} if number % 2 else {"recovered_at": now, "refilled_at": now}
        key = f"gone {number}"
        Endpoint.objects.create(partner=store.partner, origin=key, key=key, failures_in_row=5, **state)
        rows.notification(SHOP, store, endpoint=key, next_at=now + timedelta(hours=1))
    assert statements_of_a_claim() < before + 200


@pytest.mark.parametrize("column", ["open_since", "recovered_at"])
def test_endpoints_that_are_barred_do_not_fill_the_view(rows: Rows, column: str) -> None:
    store, now = rows.store(), clock.now()
    for number in range(30):
        key = f"gone {number}"
        barred = {column: now + timedelta(seconds=5), "next_probe_at": now + timedelta(minutes=1)}
        barred["refilled_at"] = barred[column]
        Endpoint.objects.create(partner=store.partner, origin=key, key=key, failures_in_row=5, **barred)
        rows.notification(SHOP, store, endpoint=key, next_at=now - timedelta(hours=1))
    well = rows.notification(SHOP, store)
    assert [one.pk for one in claim(1).taken] == [well.pk]


@pytest.mark.timeout(20)
def test_one_drain_goes_on_with_the_slow_start(rows: Rows, zoo: Zoo) -> None:
    """Beat's next sweep is seconds away: what the bucket holds by then would be ten a sweep."""
    url, store, now = zoo.answering(b"success"), rows.store(), clock.now()
    made = [rows.notification(url, store) for _ in range(25)]
    state = {"recovered_at": now + timedelta(minutes=1), "tokens": 10, "refilled_at": now}
    Endpoint.objects.create(partner=store.partner, origin=url, key=made[0].endpoint, **state)
    begun = time.monotonic()
    assert drain().delivered == 25
    assert time.monotonic() - begun > 1.0


def test_a_slow_start_whose_bucket_is_empty_writes_nothing(rows: Rows) -> None:
    """On SQLite any commit wakes the worker, which would claim, and write, without a rest."""
    now = clock.now()
    message = rows.notification(SHOP)
    state = {"recovered_at": now + timedelta(minutes=1), "refilled_at": now + timedelta(hours=1)}
    Endpoint.objects.create(partner=message.partner, origin=SHOP, key=message.endpoint, **state)
    with CaptureQueriesContext(connection) as found:
        assert claim(64).is_slowed
    assert not [query["sql"] for query in found if query["sql"].startswith("UPDATE")]


def test_new_messages_are_not_slowed_down(crowd: Any, rows: Rows, settings: Any) -> None:
    settings.SCANFORPAY_NOTIFY_ENDPOINT_CAP = 64
    answer(*[REFUSED] * 5)
    probe_now()
    answer(TAKEN)
    assert claim(64).taken
    fresh = [rows.notification(SHOP, crowd[0].order.store) for _ in range(20)]
    taken = {one.pk for one in claim(64).taken}
    assert {row.pk for row in fresh} <= taken


def test_a_crowd_at_one_endpoint_does_not_hide_the_others(rows: Rows) -> None:
    store = rows.store()
    for _ in range(30):
        rows.notification(SHOP, store)
    other = rows.notification("http://127.0.0.1:82/")
    taken = [*claim(6).taken, *claim(6).taken]
    assert len(taken) == 5
    assert other.pk in {one.pk for one in taken}


def test_the_last_reason_is_on_the_message(rows: Rows, zoo: Zoo) -> None:
    waiting = rows.notification(zoo.answering(b"fail"))
    dead = rows.notification(zoo.answering(whole(b"", b"410 Gone")))
    drain()
    waiting.refresh_from_db()
    dead.refresh_from_db()
    assert (waiting.last_reason, waiting.alarmed_at) == ("the answer is not “success”", None)
    assert dead.last_reason == "HTTP status 410"
    assert dead.alarmed_at is not None


@pytest.mark.parametrize(("setting", "of_the_store"), [(3, None), (19, 3), (2, 3)])
def test_a_store_may_have_fewer_tries(
    rows: Rows, zoo: Zoo, settings: Any, setting: int, of_the_store: int | None
) -> None:
    store = rows.store(notify_max_attempts=of_the_store)
    rows.notification(zoo.answering(b"fail"), store, attempt_count=2)
    settings.SCANFORPAY_NOTIFY_MAX_TRIES = setting
    assert drain().exhausted == 1


def test_fewer_tries_than_were_made_leave_the_reason_of_the_last(rows: Rows) -> None:
    row = rows.notification(
        SHOP, rows.store(notify_max_attempts=3), attempt_count=5, last_reason="HTTP status 500"
    )
    assert drain().exhausted == 1
    row.refresh_from_db()
    assert (row.state, row.last_reason) == ("exhausted", "HTTP status 500")


def test_a_worker_that_is_out_of_file_descriptors_is_no_endpoint_s_fault(rows: Rows, zoo: Zoo) -> None:
    url, store = zoo.answering(b"success"), rows.store()
    for _ in range(OPENS_AFTER):
        rows.notification(url, store)
    usual = resource.getrlimit(resource.RLIMIT_NOFILE)

    def run_out(*_: Any) -> list[str]:
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, usual[1]))
        return ["127.0.0.1"]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(connections, "check_addresses", run_out)
        try:
            report = drain()
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, usual)
    assert report.failed == OPENS_AFTER
    assert set(Notification.objects.values_list("last_reason", flat=True)) == {"sending failed: EMFILE"}
    assert not Endpoint.objects.filter(failures_in_row__gt=0).exists()


def test_look_ups_that_are_too_many_at_once_are_no_endpoint_s_fault(
    rows: Rows, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One merchant's names may hang by the dozen: the others' breakers stay closed."""
    settings.SCANFORPAY_NOTIFY_ENDPOINT_CAP = 64
    store = rows.store()
    for _ in range(40):
        rows.notification("http://shop.localhost:81/", store)
    monkeypatch.setattr(resolver.MERCHANTS, "most", 0)
    assert drain().failed == 40
    assert not Endpoint.objects.filter(open_since__isnull=False).exists()
    assert set(Notification.objects.values_list("last_reason", flat=True)) == {
        "address not looked up: too many names at once"
    }
