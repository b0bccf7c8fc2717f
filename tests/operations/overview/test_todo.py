"""What needs a person: every kind of trouble in rows, as lines of the page."""

from datetime import timedelta

import pytest
from django.test import Client

from scanforpay_django import clock
from scanforpay_django.models import Flag, HostClock, Notification, Store, WorkerBeat
from scanforpay_django.operations.overview.todo import KINDS
from tests.admin.pages import url
from tests.operations.overview.desk import PAGE, open_overview
from tests.people import sign_in
from tests.rows import Rows

pytestmark = pytest.mark.django_db
SHOP = "https://shop.example/n"


@pytest.fixture
def store(rows: Rows) -> Store:
    WorkerBeat.objects.record("pay-1", "worker")
    store = rows.store()
    rows.order("", store)
    return store


def flag(rows: Rows, store: Store, kind: str, hours: int = 1, **order: object) -> Flag:
    raised_at = clock.now() - timedelta(hours=hours)
    return Flag.objects.create(order=rows.order("", store, **order), kind=kind, raised_at=raised_at)


def test_nothing(store: Store, staff: Client) -> None:
    assert "Nothing needs a person" in open_overview(staff)


def test_what_hurts_most_comes_first_and_the_older_of_two_alike(
    rows: Rows, store: Store, staff: Client
) -> None:
    flag(rows, store, "duplicate_payment")
    flag(rows, store, "refund_stuck", amount=12800)
    flag(rows, store, "refund_stuck", currency="HKD", amount=16800)
    late = flag(rows, store, "late_payment", amount=4560)
    flag(rows, store, "late_payment").delete()
    dead = rows.notification(SHOP, store, state="exhausted", alarmed_at=clock.now())
    HostClock.objects.record("web-1", 75)
    WorkerBeat.objects.record("pay-2", "worker")
    WorkerBeat.objects.filter(host="pay-2").update(at=clock.now() - timedelta(minutes=6, seconds=12))
    text = open_overview(staff)
    lines = [
        "1 notification was given up: the shop does not know what was paid or refunded CNY 21.00 · since",
        "2 orders: a refund is stuck: the payer cannot be reached CNY 128.00 · HKD 168.00 · since",
        "The clock of web-1 is 1:15 ahead of the database's",
        "The worker on pay-2 was last seen 6\xa0minutes ago",
        "1 order: paid after it was closed or expired CNY 45.60 · since",
        "1 order: paid twice CNY 21.00",
    ]
    places = [text.replace("\xa0", " ").find(line.replace("\xa0", " ")) for line in lines]
    assert places == sorted(places)
    assert -1 not in places
    page = staff.get(PAGE).content.decode()
    # One leads to its order, several to their list.
    for place in (
        url(type(late.order), "change", late.order.pk),
        f"{url(Flag, 'changelist')}?kind__exact=refund_stuck&amp;cleared_at__isempty=1",
        f"{url(Notification, 'changelist')}?state__exact=exhausted",
    ):
        assert page.count(f'href="{place}"') == 1, place
    assert (
        staff.get(f"{url(Flag, 'changelist')}?kind__exact=refund_stuck&cleared_at__isempty=1").status_code
        == 200
    )
    Notification.objects.filter(pk=dead.pk).update(state="delivered", alarmed_at=None)
    Flag.objects.update(cleared_at=clock.now())
    assert "given up:" not in open_overview(staff)
    assert "paid twice" not in open_overview(staff)


def test_every_kind_of_flag_has_its_place() -> None:
    assert sorted(KINDS) == sorted(Flag.Kind)


@pytest.mark.parametrize("is_late", [True, False])
def test_no_worker_is_the_worst(rows: Rows, store: Store, staff: Client, is_late: bool) -> None:
    if is_late:
        WorkerBeat.objects.update(at=clock.now() - timedelta(minutes=2))
    else:
        WorkerBeat.objects.all().delete()
    flag(rows, store, "over_refunded")
    text = open_overview(staff)
    assert 0 < text.find("No worker is running") < text.find("1 order: refunded more than intended")


def test_of_celerys_workers_one_that_took_no_sweep_is_well(store: Store, staff: Client) -> None:
    WorkerBeat.objects.record("pay-2", "celery")
    WorkerBeat.objects.filter(host="pay-2").update(at=clock.now() - timedelta(minutes=6))
    assert "Nothing needs a person" in open_overview(staff)
    WorkerBeat.objects.filter(host="pay-1").update(at=clock.now() - timedelta(minutes=6))
    assert "No worker is running" in open_overview(staff)


def test_who_may_not_see_orders_is_led_to_the_flags(rows: Rows, store: Store) -> None:
    one = flag(rows, store, "duplicate_payment")
    for permissions, place in (
        (("view_flag", "view_order"), url(type(one.order), "change", one.order.pk)),
        (
            ("view_flag",),
            f"{url(Flag, 'changelist')}?kind__exact=duplicate_payment&amp;cleared_at__isempty=1",
        ),
    ):
        clerk = sign_in("", *permissions, name=f"clerk-{len(permissions)}", store=store)
        page = clerk.get(PAGE).content.decode()
        assert f'href="{place}"' in page
        assert clerk.get(place.replace("&amp;", "&")).status_code == 200


def test_what_waits_and_since_when(rows: Rows, store: Store, staff: Client) -> None:
    for minutes in (-7, 5):
        rows.notification(SHOP, store, next_at=clock.now() + timedelta(minutes=minutes))
    text = open_overview(staff)
    assert "waiting 2 · oldest due " in text
    assert "given up 0" in text


@pytest.mark.parametrize(
    ("permissions", "seen"),
    [
        (
            ("view_order", "view_flag", "view_notification"),
            {"paid twice", "given up: the shop", "Notifications"},
        ),
        (("view_flag",), {"paid twice"}),
        (("view_notification",), {"given up: the shop", "Notifications"}),
        (("view_order",), set()),
    ],
)
def test_a_line_is_for_those_who_may_see_its_rows(
    rows: Rows, store: Store, permissions: tuple[str, ...], seen: set[str]
) -> None:
    flag(rows, store, "duplicate_payment")
    rows.notification(SHOP, store, state="exhausted", alarmed_at=clock.now())
    # Hosts are the operator's.
    WorkerBeat.objects.all().delete()
    text = open_overview(sign_in("", *permissions, store=store))
    everything = ("paid twice", "given up: the shop", "Notifications", "No worker", "Paid today")
    assert {words for words in everything if words in text} == seen
