"""The worker links what is new, whenever it is committed."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scanforpay_django.models import (
    ChainLink,
    ChainWriter,
    Notification,
    NotificationAttempt,
    OrderEvent,
    Store,
)
from scanforpay_django.operations.chain import follow as module
from scanforpay_django.operations.chain.covered import COVERED
from scanforpay_django.operations.chain.follow import ChainFollower, catch_up, link_in_turn, read_horizon
from tests.operations.chain.chained import audit, link, pass_on, trade
from tests.operations.figures.calendar import At, at, make, open_page, pay, store

__all__ = ["at", "store"]
pytestmark = pytest.mark.django_db


def is_whole() -> bool:
    """Whether each row has one link, and the numbers are without a gap."""
    numbers = list(ChainLink.objects.order_by("number").values_list("number", flat=True))
    of_rows = [
        list(covered.links().order_by("row_pk").values_list("row_pk", flat=True))
        == list(covered.finished().order_by("pk").values_list("pk", flat=True))
        for covered in COVERED
    ]
    return numbers == list(range(1, len(numbers) + 1)) and all(of_rows)


def test_each_row_has_one_link_and_nothing_is_named(store: Store, at: At) -> None:
    at("2026-11-27 10:00")
    trade(store, 3)
    link()
    pass_on(at, "2026-11-27 10:20", "2026-11-27 10:40")
    trade(store, 3)
    link()
    link()
    assert is_whole()
    assert audit() == []


def test_batches_that_end_in_the_middle_of_a_table(
    store: Store, at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH", 2)
    at("2026-11-27 10:00")
    trade(store, 5)
    link()
    assert is_whole()


def test_rows_from_before_the_chain_are_linked_too(
    store: Store, at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanforpay_django.models.keys_by_time.NEAR", 1)
    monkeypatch.setattr(module, "BATCH", 7)
    at("2026-11-20 10:00")
    trade(store, 6)
    at("2026-11-27 10:00")
    trade(store, 2)
    link()
    assert 0 < read_horizon().old_end["event"] < OrderEvent.objects.order_by("pk").last().pk
    assert is_whole()
    assert audit() == []


def test_a_row_that_appears_below_others_is_linked_and_not_named(store: Store, at: At) -> None:
    at("2026-11-27 10:00")
    trade(store, 2)
    late = OrderEvent.objects.order_by("pk")[1]
    OrderEvent.objects.filter(pk=late.pk).delete()
    link()
    at("2026-11-27 10:14")
    link()
    OrderEvent.objects.bulk_create([late])
    link()
    assert is_whole()
    pass_on(at, "2026-11-27 10:30", "2026-11-27 10:50")
    assert read_horizon().passed["event"] >= late.pk
    assert audit() == []


def test_an_attempt_is_linked_when_it_has_ended(store: Store, at: At) -> None:
    at("2026-11-27 10:00")
    trade(store, 2)
    NotificationAttempt.objects.update(state="sending")
    slow = NotificationAttempt.objects.order_by("pk").first()
    link()
    assert not ChainLink.objects.filter(kind="attempt").exists()
    NotificationAttempt.objects.exclude(pk=slow.pk).update(state="failed")
    pass_on(at, "2026-11-27 10:20", "2026-11-27 10:40", "2026-11-27 11:00")
    assert read_horizon().waiting["attempt"] == [slow.pk]
    assert audit() == []
    NotificationAttempt.objects.filter(pk=slow.pk).update(state="unknown")
    assert audit() == []
    pass_on(at, "2026-11-27 11:20", "2026-11-27 11:40")
    assert is_whole()
    assert read_horizon().waiting["attempt"] == []
    assert audit() == []


def test_deliveries_change_nothing_that_is_covered(store: Store, at: At) -> None:
    at("2026-11-27 10:00")
    trade(store, 1)
    link()
    Notification.objects.update(
        state="delivered", attempt_count=3, next_at="2027-01-01T00:00Z", last_reason="x"
    )
    assert audit() == []


def test_another_process_that_has_just_linked_is_enough(store: Store) -> None:
    trade(store, 1)
    assert link_in_turn() is False
    number = ChainLink.objects.count()
    trade(store, 1)
    assert link_in_turn() is False
    assert ChainLink.objects.count() == number
    ChainWriter.objects.update(at="2020-01-01T00:00Z")
    link_in_turn()
    assert is_whole()
    assert str(ChainWriter.objects.get()) == "writer 2"


def test_all_is_linked_at_once_on_demand(store: Store) -> None:
    trade(store, 1)
    catch_up()
    assert is_whole()
    assert str(ChainLink.objects.get(number=1)) == "link 1"


def test_applying_a_payment_has_no_statement_of_the_chain(store: Store) -> None:
    payment = open_page(make(store, notify_url="https://shop.example/n"))
    with CaptureQueriesContext(connection) as captured:
        pay(payment)
    assert len(captured) > 3
    assert [query["sql"] for query in captured.captured_queries if "chain" in query["sql"]] == []


def test_a_worker_that_dies_before_its_commit_leaves_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    trade(store, 2)

    def die(*_args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(module._Turn, "_link_old", die)
        with pytest.raises(KeyboardInterrupt):
            ChainFollower()()
    assert not ChainLink.objects.exists()
    link()
    assert is_whole()
