"""How many of an endpoint a claim takes follows its answers."""

from typing import Any

import pytest

from scanforpay_django.merchant_notify.claim import claim
from scanforpay_django.merchant_notify.record import Result, record
from scanforpay_django.merchant_notify.rotation import Rotation
from scanforpay_django.models import Endpoint, Notification
from scanforpay_django.transport import Outcome
from tests.rows import Rows

pytestmark = pytest.mark.django_db(transaction=True)

SHOP = "http://127.0.0.1:81/"
TAKEN = Outcome(status=200, body=b"success", duration_ms=3)


def deliver(*outcomes: Outcome) -> int:
    """Claim once, and record these outcomes over and over; how many were claimed."""
    taken = claim(200).taken
    record(
        [Result(claimed=one, outcome=outcomes[number % len(outcomes)]) for number, one in enumerate(taken)]
    )
    return len(taken)


@pytest.fixture
def crowd(rows: Rows) -> list[Notification]:
    store = rows.store()
    return [rows.notification(SHOP, store) for _ in range(150)]


def test_quick_answers_raise_the_cap_by_steps(crowd: Any, settings: Any) -> None:
    settings.SCANFORPAY_NOTIFY_ENDPOINT_CAP_MAX = 14
    assert [deliver(TAKEN) for _ in range(6)] == [4, 8, 12, 14, 14, 14]


def test_a_cap_that_is_not_used_up_stays(rows: Rows) -> None:
    store = rows.store()
    for _ in range(4):
        rows.notification(SHOP, store)
        assert deliver(TAKEN) == 1
    assert set(Endpoint.objects.values_list("cap", flat=True)) <= {None}


@pytest.mark.parametrize(
    "bad", [Outcome(status=500, duration_ms=3), Outcome(status=200, body=b"success", duration_ms=1500)]
)
def test_a_slow_or_failed_answer_halves_it_but_not_below_the_first(crowd: Any, bad: Outcome) -> None:
    for _ in range(3):
        deliver(TAKEN)
    assert Endpoint.objects.get().cap == 32
    found = []
    for _ in range(4):
        deliver(TAKEN, bad, TAKEN, TAKEN, TAKEN)
        found.append(Endpoint.objects.get().cap)
    assert found == [16, 8, 4, 4]


def test_an_open_breaker_begins_anew(crowd: Any) -> None:
    for _ in range(4):
        deliver(TAKEN)
    deliver(Outcome(status=500))
    endpoint = Endpoint.objects.get()
    assert (endpoint.open_since is not None, endpoint.cap) == (True, None)


def test_an_overdue_answer_leaves_the_first_cap(crowd: Any, settings: Any) -> None:
    """One that begins to hang while it has many in flight gets nothing new."""
    for _ in range(3):
        deliver(TAKEN)
    assert Endpoint.objects.get().cap == 32
    taken = claim(10).taken
    assert len(taken) == 10
    settings.SCANFORPAY_NOTIFY_LEASE_SECONDS = 62  # those were claimed two seconds ago, by these leases
    assert claim(10).taken == []
    record([Result(claimed=one, outcome=TAKEN) for one in taken])
    assert len(claim(10).taken) == 10


def test_what_has_just_become_due_is_found_behind_a_barred_crowd(rows: Rows) -> None:
    """The rotation has been round, and the oldest due messages are all of endpoints that are barred."""
    stores = [rows.store() for _ in range(130)]
    made = [rows.notification(SHOP, store) for store in stores]
    Endpoint.objects.bulk_create(
        Endpoint(partner=row.partner, origin=SHOP, key=row.endpoint, cap=0) for row in made
    )
    rotation = Rotation()
    while claim(4, None, rotation).is_unfinished:
        pass
    new = rows.notification(SHOP, rows.store())
    assert [one.pk for one in claim(4, None, rotation).taken] == [new.pk]
