"""Several workers write the chain at the same moment, and rows are committed late."""

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from scanforpay_django import clock
from scanforpay_django.models import ChainLink, Notification, Order, OrderEvent
from scanforpay_django.operations.chain import follow, roots
from scanforpay_django.operations.chain.covered import COVERED
from scanforpay_django.operations.chain.follow import ChainFollower
from scanforpay_django.operations.chain.segments import begin_segment
from tests.merchant import Merchant
from tests.operations.archive.closed_orders import age, archive
from tests.operations.chain.chained import audit, link, trade
from tests.races.test_races import together
from tests.threads import raced

pytestmark = [pytest.mark.row_locks, pytest.mark.django_db(transaction=True), pytest.mark.slow]

THREADS = 8


def assert_whole() -> None:
    numbers = list(ChainLink.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    for covered in COVERED:
        linked = list(covered.links().order_by("row_pk").values_list("row_pk", flat=True))
        assert linked == list(covered.finished().order_by("pk").values_list("pk", flat=True))


def test_many_workers_link_each_row_once(merchant: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "BATCH", 5)
    trade(merchant.store, 6)
    raced(THREADS, lambda: link(ChainFollower()))
    assert_whole()
    assert audit() == []


def test_rows_that_are_written_meanwhile(merchant: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "BATCH", 3)
    works = [lambda: link(ChainFollower())] * 3 + [lambda: audit()] * 2 + [lambda: begin_segment("recovery")]
    done = together(lambda: trade(merchant.store, 6), lambda: trade(merchant.store, 6), *works)
    assert [one for one in done if isinstance(one, Exception)] == []
    # A look at a chain that has not begun says so.
    assert [one for one in done if isinstance(one, list) and one and "chain-behind" not in one[0]] == []
    link()
    assert_whole()
    assert audit() == []


def test_a_row_that_is_committed_late_is_linked_in_the_next_turn(merchant: Merchant) -> None:
    trade(merchant.store, 1)
    copied = OrderEvent.objects.order_by("pk")[0]
    is_inserted, may_commit = threading.Event(), threading.Event()

    def insert_late() -> int:
        try:
            with transaction.atomic():
                made = OrderEvent.objects.create(order_id=copied.order_id, source="merchant")
                is_inserted.set()
                may_commit.wait(60)
            return made.pk
        finally:
            connection.close()

    def go_on() -> None:
        is_inserted.wait(60)
        trade(merchant.store, 1)
        link()
        may_commit.set()

    late, _none = together(insert_late, go_on)
    assert late < OrderEvent.objects.order_by("pk").last().pk
    assert not ChainLink.objects.filter(kind="event", row_pk=late).exists()
    link()
    assert ChainLink.objects.filter(kind="event", row_pk=late).exists()
    assert_whole()
    assert audit() == []


def test_orders_are_archived_while_they_are_linked(merchant: Merchant, tmp_path: Path) -> None:
    trade(merchant.store, 10)
    Notification.objects.update(state="delivered")
    assert Order.objects.filter(state="paid").count() == 10
    age()
    done = together(lambda: archive(tmp_path / "a.jsonl.gz", batch=2), *[lambda: link(ChainFollower())] * 3)
    assert [one for one in done if isinstance(one, Exception)] == []
    link()
    assert ChainLink.objects.filter(act="removed").exists()
    assert audit() == []


def test_a_day_has_one_root_and_one_mail(merchant: Merchant, settings: Any, mailoutbox: list[Any]) -> None:
    settings.SCANFORPAY_CHAIN_MAIL_TO = ["ops@example.com"]
    trade(merchant.store, 1)
    link()
    day = clock.host_now().date() + timedelta(days=1)
    assert len({root.pk for root in raced(THREADS, lambda: roots.make_root(day))}) == 1
    raced(THREADS, roots.publish_roots)
    assert len([message for message in mailoutbox if str(day) in message.subject]) == 1
