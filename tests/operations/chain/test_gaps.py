"""Rows that go away rightly are not named, and those that go in their shadow are."""

from pathlib import Path

import pytest

from scanforpay_django.models import ChainLink, NotificationAttempt, OrderEvent, Posting
from scanforpay_django.operations.archive.import_orders import import_orders
from scanforpay_django.operations.chain.open_chain import decode
from scanforpay_django.operations.housekeeping import AnswersPruner
from tests.books.ledger import post
from tests.merchant import Merchant
from tests.operations.archive.closed_orders import LONG_AGO, archive, busy, closed, path, platform
from tests.operations.audit.seeds import at_once
from tests.operations.chain.attacker import unguarded
from tests.operations.chain.chained import audit, link, sql
from tests.operations.figures.calendar import At, at

__all__ = ["at", "at_once", "busy", "closed", "path", "platform", "unguarded"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_an_archive_leaves_a_gap_and_an_import_closes_it(closed: Merchant, path: Path) -> None:
    post()
    link()
    events = OrderEvent.objects.count()
    archive(path)
    assert OrderEvent.objects.count() < events
    assert audit() == []
    gap = ChainLink.objects.get(act="removed", kind="event")
    assert decode(gap.content)["why"] == "archived to old.jsonl.gz"
    import_orders(path)
    assert OrderEvent.objects.count() == events
    assert audit() == []
    link()
    assert audit() == []


def test_what_was_never_linked_is_linked_before_it_goes(closed: Merchant, path: Path) -> None:
    archive(path)
    assert ChainLink.objects.filter(act="row", kind="event").exists()
    assert audit() == []
    import_orders(path)
    link()
    assert audit() == []


def test_a_row_that_was_removed_before_the_archive_is_named(
    closed: Merchant, path: Path, unguarded: None
) -> None:
    post()
    link()
    event, posting = OrderEvent.objects.order_by("pk")[1], Posting.objects.order_by("pk")[0]
    sql("DELETE FROM scanforpay_orderevent WHERE id = %s", event.pk)
    archive(path)
    sql("DELETE FROM scanforpay_posting WHERE id = %s", posting.pk)
    found = [line.partition(",")[0] for line in audit()]
    assert found == [f"row-removed: posting {posting.pk}", f"row-removed: order event {event.pk}"]


def test_a_row_that_comes_back_by_hand_is_named(closed: Merchant, path: Path, unguarded: None) -> None:
    link()
    event = OrderEvent.objects.order_by("pk")[1]
    archive(path)
    assert audit() == []
    OrderEvent.objects.bulk_create([event])
    assert audit() == [f"row-inserted: order event {event.pk}"]
    sql("DELETE FROM scanforpay_orderevent")


def test_an_order_may_go_and_come_back_more_than_once(closed: Merchant, path: Path) -> None:
    link()
    archive(path)
    import_orders(path, ["paid"])
    assert audit() == []
    archive(path.with_name("again.jsonl.gz"))
    assert audit() == []
    import_orders(path.with_name("again.jsonl.gz"))
    link()
    assert audit() == []


def test_an_archive_with_another_row_in_it_is_named_after_its_import(closed: Merchant, path: Path) -> None:
    post()
    link()
    archive(path)
    import_orders(path)
    changed = OrderEvent.objects.order_by("pk").first()
    OrderEvent.objects.filter(pk=changed.pk).update(actor="other")
    (found,) = audit()
    assert found.startswith(f"row-changed: order event {changed.pk}, link ")
    assert found.endswith(": actor")


def test_answers_that_are_emptied_with_time_are_not_named(closed: Merchant, at: At) -> None:
    NotificationAttempt.objects.update(answer="SUCCESS", started_at=LONG_AGO)
    at("2026-11-27 10:00")
    link()
    AnswersPruner()()
    assert not NotificationAttempt.objects.exclude(answer="").exists()
    assert audit() == []
    attempt = NotificationAttempt.objects.order_by("pk").first()
    NotificationAttempt.objects.filter(pk=attempt.pk).update(answer="FAIL", address="x")
    (found,) = audit()
    assert found.endswith(": answer, address")


def test_an_answer_that_is_emptied_by_hand_is_named(closed: Merchant) -> None:
    NotificationAttempt.objects.update(answer="SUCCESS")
    link()
    NotificationAttempt.objects.update(answer="")
    assert all(line.endswith(": answer") for line in audit())
    assert len(audit()) == NotificationAttempt.objects.count()
