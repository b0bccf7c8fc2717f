"""The worker finds the days that have changed."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scanforpay_django import clock
from scanforpay_django.models import DailyFigure, FigureMark, Order, Store
from scanforpay_django.models.database import atomic
from scanforpay_django.operations.figures import follow as module
from scanforpay_django.operations.figures.follow import ChangeFollower, FollowInTurn, tidy_up
from tests.merchant import Merchant
from tests.operations.figures.calendar import (
    At,
    at,
    figures,
    follow,
    make,
    open_page,
    pay,
    refund,
    snapshot,
    store,
)
from tests.paid_order import pay as paid_for
from tests.paid_order import quick
from tests.paid_order import refund as ask_refund
from tests.scripted import Platform, platform, start

__all__ = ["at", "platform", "quick", "store"]
MONEY = ("paid_count", "paid_amount", "refunded_amount")


@pytest.mark.django_db
def test_what_was_there_before_the_first_turn_is_counted(store: Store, at: At) -> None:
    for day in ("2026-10-28 10:00", "2026-11-27 10:00", "2026-11-28 09:59"):
        at(day)
        pay(open_page(make(store)))
    at("2026-11-28 10:00")
    follow()
    assert figures("paid_count") == {
        f"{day} Wechat CNY": (1,) for day in ("2026-10-28", "2026-11-27", "2026-11-28")
    }


@pytest.mark.django_db
def test_every_step_of_an_order_is_seen(store: Store, at: At) -> None:
    at("2026-11-27 10:00")
    worker = follow()
    order = make(store)
    names = ("created_count", "opened_count", "paid_count", "refunded_amount")
    seen = []
    payment = None
    for step in range(4):
        at(f"2026-11-27 1{step}:30")
        if step == 1:
            payment = open_page(order)
        if step == 2:
            pay(payment)
        if step == 3:
            payment.refresh_from_db()
            refund(payment, 700)
        follow(worker)
        seen += figures(*names).values()
    assert seen == [(1, 0, 0, 0), (1, 1, 0, 0), (1, 1, 1, 0), (1, 1, 1, 700)]


@pytest.mark.django_db
def test_a_late_change_touches_an_old_day(store: Store, at: At) -> None:
    at("2026-11-25 10:00")
    worker = follow()
    payment = open_page(make(store))
    at("2026-11-27 10:00")
    follow(worker)
    assert figures("opened_paid_count", *MONEY) == {"2026-11-25 Wechat CNY": (0, 0, 0, 0)}
    pay(payment)
    at("2026-11-28 10:00")
    follow(worker)
    payment.refresh_from_db()
    refund(payment, 700)
    follow(worker)
    assert figures("opened_paid_count", *MONEY) == {
        "2026-11-25 Wechat CNY": (1, 0, 0, 0),
        "2026-11-27 Wechat CNY": (0, 1, 2100, 0),
        "2026-11-28 Wechat CNY": (0, 0, 0, 700),
    }


@pytest.mark.django_db
def test_a_turn_with_nothing_new_writes_no_figure(store: Store, at: At) -> None:
    at("2026-11-27 10:00")
    worker = follow()
    pay(open_page(make(store)))
    follow(worker)
    before = snapshot()
    with CaptureQueriesContext(connection) as captured:
        assert worker() is False
    # The marks, three tables, three marks moved or not, and when it was.
    assert len(captured) <= 8
    assert not [one["sql"] for one in captured if "dailyfigure" in one["sql"]]
    assert snapshot() == before


@pytest.mark.django_db
def test_more_than_one_page_is_read_to_its_end(store: Store, at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAGE", 2)
    monkeypatch.setattr(module, "MAX_PAGES", 2)
    at("2026-11-27 10:00")
    worker = follow()
    for _ in range(9):
        make(store)
    # All are young: the next turn would begin at the same row.
    assert worker() is False
    assert figures("created_count") == {"2026-11-27 Wechat CNY": (9,)}
    for _ in range(9):
        make(store)
    at("2026-11-27 11:00")
    assert worker() is True
    follow(worker)
    assert figures("created_count") == {"2026-11-27 Wechat CNY": (18,)}


@contextmanager
def held_transaction(store: Store) -> Iterator[threading.Event]:
    """Another connection's order: its number is taken, and the COMMIT comes when the event is set."""
    written, end = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with atomic():
                pay(open_page(make(store)))
                written.set()
                assert end.wait(30)
        finally:
            connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert written.wait(30)
    try:
        yield end
    finally:
        end.set()
        thread.join()


@pytest.mark.django_db(transaction=True)
@pytest.mark.row_locks
def test_a_transaction_that_is_held_for_five_minutes_is_not_missed(store: Store, at: At) -> None:
    at("2026-11-27 10:00")
    workers = [follow(), follow()]
    with held_transaction(store) as end:
        held = Order.objects.order_by("-pk").first()
        for moment in ("10:01", "10:02", "10:05"):
            at(f"2026-11-27 {moment}")
            pay(open_page(make(store)))
            for worker in workers:
                follow(worker)
        assert figures("created_count", "paid_count") == {"2026-11-27 Wechat CNY": (3, 3)}
        end.set()
    newest = Order.objects.order_by("pk").first()
    assert newest != held
    follow(workers[0])
    assert figures("created_count", "paid_count") == {"2026-11-27 Wechat CNY": (4, 4)}
    # What is old enough is not read again.
    at("2026-11-27 11:00")
    for worker in workers:
        follow(worker)
    assert FigureMark.objects.positions()["order"] == Order.objects.latest("pk").pk
    assert DailyFigure.objects.get().paid_amount == 4 * 2100


@pytest.mark.django_db
def test_a_worker_that_comes_later_reads_from_the_marks(store: Store, at: At) -> None:
    at("2026-11-27 10:00")
    follow()
    pay(open_page(make(store)))
    follow()
    at("2026-11-27 12:00")
    pay(open_page(make(store)))
    follow(ChangeFollower())
    assert figures("paid_count") == {"2026-11-27 Wechat CNY": (2,)}


@pytest.mark.django_db(transaction=True)
def test_the_flows_leave_a_number_for_every_step(merchant: Merchant, platform: Platform, quick: None) -> None:
    """A shop's calls and a scripted platform: nothing here writes rows by hand."""
    worker = follow()

    def count(*names: str) -> list[int]:
        follow(worker)
        # It may be midnight.
        return [sum(DailyFigure.objects.values_list(name, flat=True)) for name in names]

    names = ("created_count", "opened_paid_count", "opened_waiting_count", *MONEY)
    merchant.create(partnerOrderNo="p1")
    assert count(*names) == [1, 0, 0, 0, 0, 0]
    paid_for(platform, Order.objects.get())
    assert count(*names) == [1, 1, 0, 1, 2100, 0]
    ask_refund(merchant, "r1", 700)
    assert count(*names) == [1, 1, 0, 1, 2100, 700]
    merchant.create(partnerOrderNo="p2")
    start(Order.objects.get(partner_order_no="p2"), "b")
    assert count("created_count", "opened_waiting_count") == [2, 1]
    assert merchant.call("/api/common/close", {"partnerOrderNo": "p2", "action": "close"})["status"] == 2
    assert count("created_count", "opened_waiting_count") == [2, 0]


@pytest.mark.django_db
def test_a_store_whose_days_take_long_is_counted_less_often_and_never_missed(
    store: Store, at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    at("2026-11-27 10:00")
    worker = follow()
    marks = FigureMark.objects.positions()
    monkeypatch.setattr(module, "LONG_SECONDS", -1.0)
    monkeypatch.setattr(module, "PAUSE", 10**9)
    make(store)
    follow(worker)
    monkeypatch.setattr(module, "MAX_PAUSE_SECONDS", 0.0)
    make(store)
    for moment in ("10:01", "10:40"):
        at(f"2026-11-27 {moment}")
        follow(worker)
        assert figures("created_count") == {"2026-11-27 Wechat CNY": (1,)}
    # It waits, and no mark has gone beyond it: another worker finds it too.
    assert FigureMark.objects.positions()["order"] == marks["order"]
    worker.forget()
    follow(worker)
    assert figures("created_count") == {"2026-11-27 Wechat CNY": (2,)}
    assert FigureMark.objects.positions()["order"] > marks["order"]


@pytest.mark.django_db
def test_the_last_days_are_counted_once_more_the_next_day(store: Store, at: At) -> None:
    """A transaction may have been held for longer than anybody thought."""
    at("2026-11-27 10:00")
    make(store)
    follow()
    tidy_up()
    DailyFigure.objects.update(created_count=7)
    at("2026-11-27 23:00")
    tidy_up()
    assert figures("created_count") == {"2026-11-27 Wechat CNY": (7,)}
    at("2026-11-28 10:00")
    tidy_up()
    assert figures("created_count") == {"2026-11-27 Wechat CNY": (1,)}


class Follower:
    """Counts its runs, each of which takes as long as it is told."""

    clock: "Monotonic"

    def __init__(self, seconds: float = 0.0, *, has_more: bool = False) -> None:
        self.runs, self.seconds, self.has_more = 0, seconds, has_more

    def __call__(self) -> bool:
        self.runs += 1
        FigureMark.objects.stamp()
        # It was read before the run had ended, and long ago by the clock of the next one.
        FigureMark.objects.filter(name="read").update(at=clock.now() - timedelta(hours=1))
        self.clock.now += self.seconds
        return self.has_more


class Monotonic:
    """A clock that stands still."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def stopwatch(monkeypatch: pytest.MonkeyPatch) -> Monotonic:
    made = Monotonic()
    monkeypatch.setattr(module, "time", made)
    return made


def take_turns(follower: Follower, stopwatch: Monotonic, *moments: float) -> list[int]:
    """How often it had run at each of these moments."""
    follower.clock = stopwatch
    job, begun, runs = FollowInTurn(follower), stopwatch.now, []
    for moment in moments:
        stopwatch.now = max(stopwatch.now, begun + moment)
        job()
        runs.append(follower.runs)
    return runs


@pytest.mark.django_db
def test_a_quick_run_is_made_each_time(stopwatch: Monotonic) -> None:
    assert take_turns(Follower(0.5), stopwatch, 0, 20, 40) == [1, 2, 3]


@pytest.mark.django_db
def test_a_long_run_is_paused_after_for_twenty_times_as_long(stopwatch: Monotonic) -> None:
    assert take_turns(Follower(4), stopwatch, 0, 20, 60, 79, 80) == [1, 1, 1, 1, 2]
    assert take_turns(Follower(100), stopwatch, 0, 200, 299, 300) == [1, 1, 1, 2]


@pytest.mark.django_db
def test_what_is_behind_catches_up_without_a_pause(stopwatch: Monotonic) -> None:
    assert take_turns(Follower(4, has_more=True), stopwatch, 0, 4, 8) == [1, 2, 3]


@pytest.mark.django_db
def test_what_another_process_has_just_done_is_not_done_again(stopwatch: Monotonic) -> None:
    follower = Follower()
    follower.clock = stopwatch
    FigureMark.objects.stamp()
    assert FollowInTurn(follower)() is False
    assert follower.runs == 0
    FigureMark.objects.filter(name="read").update(at=clock.now() - timedelta(seconds=30))
    FollowInTurn(follower)()
    assert follower.runs == 1
