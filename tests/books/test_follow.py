"""The worker finds what is to be posted."""

import pytest

from scanforpay_django import clock
from scanforpay_django.books import follow as module
from scanforpay_django.books.follow import MARGIN, PostingFollower, catch_up, post_in_turn
from scanforpay_django.models import Order, OrderEvent, Posting, PostingMark, Store
from tests.books.ledger import lines, post
from tests.operations.figures.calendar import At, at, make, open_page, pay, refund, store

__all__ = ["at", "store"]
pytestmark = pytest.mark.django_db
ONE = "collected 1: orders > platform 2100"


def buy(store: Store) -> Order:
    order = make(store)
    pay(open_page(order))
    return order


def test_what_was_paid_before_the_first_turn_is_posted(
    store: Store, at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", 2)
    monkeypatch.setattr(module, "MAX_PAGES", 2)
    for day in range(10, 19):
        at(f"2024-11-{day} 10:00")
        buy(store)
    at("2026-11-27 10:00")
    post()
    assert lines() == [ONE] * 9
    assert PostingMark.objects.position() == OrderEvent.objects.order_by("pk").last().pk


def test_what_is_young_is_read_again_and_posted_once(store: Store, at: At) -> None:
    at("2026-11-27 10:00")
    buy(store)
    worker = post()
    assert PostingMark.objects.position() == 0
    other = post(PostingFollower())
    at("2026-11-27 10:01")
    buy(store)
    post(worker)
    post(other)
    assert lines() == [ONE] * 2


def test_an_event_that_appears_below_others_is_found(store: Store, at: At) -> None:
    at("2026-11-27 10:00")
    late = buy(store)
    events = list(late.events.all())
    late.events.all().delete()
    buy(store)
    worker = post()
    assert lines() == [ONE]
    OrderEvent.objects.bulk_create(events)
    post(worker)
    assert lines() == [ONE] * 2


def test_a_worker_that_dies_between_posting_and_its_mark_posts_nothing_twice(
    store: Store, at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    at("2026-11-27 10:00")
    buy(store)
    at("2026-11-27 11:00")

    def die(position: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(type(PostingMark.objects), "move", lambda self, position: die(position))
        with pytest.raises(KeyboardInterrupt):
            PostingFollower()()
    assert (lines(), PostingMark.objects.position()) == ([ONE], 0)
    post()
    assert lines() == [ONE]
    assert PostingMark.objects.position() > 0


def test_a_change_of_an_old_order_is_seen(store: Store, at: At) -> None:
    at("2026-11-20 10:00")
    order = buy(store)
    worker = post()
    at("2026-11-27 10:00")
    post(worker)
    refund(order.payments.get(), 700)
    post(worker)
    assert len(lines()) == 3


def test_another_process_that_has_just_posted_is_enough(store: Store) -> None:
    buy(store)
    assert post_in_turn() is False
    assert lines() == [ONE]
    buy(store)
    assert post_in_turn() is False
    assert lines() == [ONE]
    PostingMark.objects.update(at=clock.now() - MARGIN)
    post_in_turn()
    assert lines() == [ONE] * 2


def test_a_report_does_not_wait_for_the_worker(store: Store) -> None:
    buy(store)
    catch_up()
    buy(store)
    catch_up()
    assert Posting.objects.count() == 2
