"""Everybody has a turn, however many wait."""

import pytest

from scanforpay_django.merchant_notify.claim import claim
from scanforpay_django.merchant_notify.occupancy import Occupancy
from scanforpay_django.merchant_notify.rotation import Rotation
from scanforpay_django.models import Endpoint, Notification, NotificationAttempt
from tests.rows import Rows

SHOP = "http://127.0.0.1:81/"


@pytest.mark.django_db(transaction=True)
def test_a_crowd_of_endpoints_does_not_hide_another_partner(rows: Rows) -> None:
    hostile, other = rows.store(), rows.store()
    for number in range(100):
        rows.notification(f"http://127.0.0.1:{number + 1024}/", hostile)
    waits = rows.notification(SHOP, other)
    assert waits.pk in {one.pk for one in claim(4).taken}


@pytest.mark.django_db(transaction=True)
def test_every_endpoint_of_a_crowd_has_its_turn(rows: Rows) -> None:
    """More endpoints than one visit sees, each of them full but the last."""
    store, occupancy, rotation = rows.store(), Occupancy(slots=8, most=64), Rotation()
    made = [rows.notification(f"http://127.0.0.1:{number + 1024}/", store) for number in range(600)]
    Endpoint.objects.bulk_create(
        Endpoint(partner=store.partner, origin=row.endpoint, key=row.endpoint, cap=0) for row in made
    )
    last = max(made, key=lambda row: row.endpoint)
    Endpoint.objects.filter(key=last.endpoint).update(cap=1)
    for _ in range(4):
        found = claim(4, occupancy, rotation)
        if found.taken:
            break
    assert [one.pk for one in found.taken] == [last.pk]


@pytest.mark.django_db(transaction=True)
def test_every_partner_has_its_turn(rows: Rows) -> None:
    """More partners than one claim visits, each of them barred but the last."""
    stores = [rows.store() for _ in range(130)]
    made = [rows.notification(SHOP, store) for store in stores]
    Endpoint.objects.bulk_create(
        Endpoint(partner=row.partner, origin=SHOP, key=row.endpoint, cap=0) for row in made[:-1]
    )
    rotation, found = Rotation(), claim(0)
    for _ in range(3):
        found = claim(4, None, rotation)
        if found.taken:
            break
        assert found.is_unfinished
    assert [one.pk for one in found.taken] == [made[-1].pk]


@pytest.mark.django_db(transaction=True)
def test_small_claims_reach_every_partner_of_a_steady_crowd(rows: Rows) -> None:
    """The first of each visit always has more: a claim of one message goes to another one nevertheless."""
    stores = [rows.store() for _ in range(66)]
    for store in stores:
        rows.notification(SHOP, store)
    rotation, reached = Rotation(), set()
    for _ in range(140):
        (one,) = claim(1, None, rotation).taken
        reached.add(one.partner_pk)
        _put_back(one.pk)
    assert reached == {store.partner_id for store in stores}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("endpoints", [3, 20])
def test_small_claims_reach_every_endpoint_of_a_partner(rows: Rows, endpoints: int) -> None:
    """Its first endpoint always has more, and each claim takes one message of it."""
    store, other = rows.store(), rows.store()
    made = [rows.notification(f"http://127.0.0.1:{number + 1024}/", store) for number in range(endpoints)]
    rows.notification(SHOP, other)
    rotation, reached = Rotation(), set()
    for _ in range(4 * endpoints):
        (one,) = claim(1, None, rotation).taken
        reached.add(one.endpoint)
        _put_back(one.pk)
    assert {row.endpoint for row in made} <= reached


def _put_back(pk: int) -> None:
    """As if the next message of its endpoint were due."""
    Notification.objects.filter(pk=pk).update(attempt_count=0, lease_until=None, lease_token="")
    NotificationAttempt.objects.all().delete()
