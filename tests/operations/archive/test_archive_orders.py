"""Closed orders go to a file, and only those, whatever happens meanwhile."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from scanforpay_django.books.postings import post_orders
from scanforpay_django.flows.refund_order import RequestedRefund, request_refund
from scanforpay_django.models import (
    ArchivedNumber,
    Flag,
    HandlerCall,
    Notification,
    NotificationAttempt,
    Order,
    Payment,
    Posting,
    PostingMark,
    Refund,
    SeenRequest,
)
from scanforpay_django.models.locks import lock_order
from scanforpay_django.models.posting import LOCK
from scanforpay_django.operations.archive.archive_file import ArchiveError
from scanforpay_django.operations.archive.import_orders import import_orders
from scanforpay_django.operations.archive.look_up import find_orders
from scanforpay_django.operations.archive.order_rows import PARTS
from scanforpay_django.operations.archive.stay import CHANGED
from scanforpay_django.operations.chain.follow import catch_up as link_all
from tests.causes import API
from tests.merchant import Merchant
from tests.operations.archive.closed_orders import (
    archive,
    busy,
    closed,
    everything,
    finish,
    is_empty,
    make_orders,
    path,
    platform,
)
from tests.races.test_races import together
from tests.rows import Rows
from tests.waiting import wait_for
from tests.worker_process import backends

__all__ = ["busy", "closed", "path", "platform"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_orders_of_every_shape_come_back_as_they_were(closed: Merchant, path: Path) -> None:
    before = everything()
    # Every table has a row, or the test proves nothing of it.
    assert [part.name for part in PARTS if not before[part.model]] == []
    archived = archive(path)
    assert is_empty()
    assert (archived.totals.orders, archived.left.total()) == (len(before[Order]), 0)
    assert import_orders(path).orders == len(before[Order])
    assert everything() == before
    assert not ArchivedNumber.objects.exists()


def test_counts_and_sums_are_those_of_the_rows(closed: Merchant, path: Path) -> None:
    rows = {part.name: part.rows.count() for part in PARTS}
    totals = archive(path).totals
    assert dict(totals.rows) == rows
    assert totals.money_lines() == ["CNY: ordered 8400, paid 4200, refunded 2800"]


def test_the_number_of_statements_does_not_follow_the_number_of_orders(rows: Rows, path: Path) -> None:
    counted = []
    # The first process that posts makes it.
    PostingMark.objects.begin(LOCK)
    for number in (2, 40):
        make_orders(rows, number)
        # As the worker does it, years before.
        link_all()
        with CaptureQueriesContext(connection) as captured:
            archive(path.with_name(str(number)))
        counted.append(len(captured))
    assert counted[0] == counted[1]
    assert counted[0] < 90


def test_batches_are_as_large_as_asked_for(rows: Rows, path: Path) -> None:
    make_orders(rows, 7)
    reported: list[int] = []
    archive(path, batch=3, report=lambda totals: reported.append(totals.orders))
    assert reported == [3, 6, 7]
    assert is_empty()


STAYS: dict[str, Callable[[], object]] = {
    "awaiting payment": lambda: Order.objects.update(state="pending", paid_at=None),
    "a payment that may still be paid": lambda: Payment.objects.update(state="closing", is_applied=False),
    "an amount that is reserved for a refund": lambda: Payment.objects.update(reserved_amount=1),
    "a refund that is not final": lambda: Refund.objects.create(
        partner=Order.objects.get().partner, order=Order.objects.get(), payment=Payment.objects.get(), amount=1,
        currency="CNY", state="unknown",
    ),
    "an open flag": lambda: Flag.objects.create(order=Order.objects.get(), kind="late_payment"),
    "a notification that is not delivered yet": lambda: Notification.objects.update(state="pending"),
    "a handler call that is not done": lambda: HandlerCall.objects.create(
        order=Order.objects.get(), event="paid", handler="ship"
    ),
}  # fmt: skip


@pytest.mark.parametrize("reason", STAYS)
def test_an_order_that_is_not_finished_stays(rows: Rows, path: Path, reason: str) -> None:
    make_orders(rows, 1)
    STAYS[reason]()
    before = everything()
    archived = archive(path)
    assert dict(archived.left) == {reason: 1}
    assert archived.totals.orders == 0
    assert everything() == before
    finish()


def test_a_young_order_stays_and_is_not_counted(rows: Rows, path: Path) -> None:
    make_orders(rows, 1)
    rows.order("https://shop.example/n")
    archived = archive(path)
    assert (archived.totals.orders, archived.left.total(), Order.objects.count()) == (1, 0, 1)


def test_what_changed_after_it_was_written_stays_and_is_cut_from_the_file(rows: Rows, path: Path) -> None:
    first, second, third = make_orders(rows, 3)
    readings: list[str] = []

    def resend(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """Before the second reading of the notifications, staff resend one."""
        if f"FROM {connection.ops.quote_name('scanforpay_notification')} WHERE" in sql:
            readings.append(sql)
            if len(readings) == 2:
                Notification.objects.filter(order=second).update(state="pending")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(resend):
        assert dict(archive(path).left) == {CHANGED: 1}
    assert [entry.order_no for entry, _rows in find_orders(path)] == [first.order_no, third.order_no]
    assert Order.objects.get() == second
    assert Notification.objects.get().state == "pending"


def archive_meanwhile(path: Path, change: Callable[[], object]) -> list[Any]:
    """What the other transaction came to, whose ``change`` is not committed while orders are archived; and what was
    left.
    """
    is_changed, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            change()
            is_changed.set()
            assert let_go.wait(60)

    def run() -> dict[str, int]:
        assert is_changed.wait(60)
        try:
            return dict(archive(path).left)
        finally:
            let_go.set()

    return together(hold, run)


@pytest.mark.row_locks
def test_orders_that_another_transaction_holds_stay(rows: Rows, path: Path) -> None:
    held, free = make_orders(rows, 2)

    def change() -> None:
        lock_order(held.pk)
        Flag.objects.create(order=held, kind="late_payment")

    assert archive_meanwhile(path, change) == [None, {CHANGED: 1}]
    assert list(Order.objects.all()) == [held]
    assert Flag.objects.get().order == held
    assert [entry.order_no for entry, _rows in find_orders(path)] == [free.order_no]


@pytest.mark.postgres
def test_a_row_that_is_written_without_the_lock_is_refused_whole(rows: Rows, path: Path) -> None:
    """PostgreSQL checks Django's foreign keys at COMMIT: what wrote it learns that it failed."""
    held, _free = make_orders(rows, 2)
    outcome, left = archive_meanwhile(path, lambda: Flag.objects.create(order=held, kind="late_payment"))
    assert isinstance(outcome, IntegrityError)
    assert left == {}
    assert not Flag.objects.exists()


@pytest.mark.row_locks
@pytest.mark.slow
def test_a_refund_that_is_created_meanwhile_is_never_lost(rows: Rows, path: Path) -> None:
    orders = make_orders(rows, 60)
    made: list[str] = []

    def refund_each() -> None:
        for order in orders:
            requested = RequestedRefund(refund_no=f"r{order.pk}", amount=100, cause=API)
            try:
                made.append(request_refund(order, requested).refund_no)
            except Order.DoesNotExist:
                continue

    outcomes = together(refund_each, lambda: archive(path, batch=3))
    assert not any(isinstance(outcome, Exception) for outcome in outcomes), outcomes
    archived = {entry.order_no: found for entry, found in find_orders(path)}
    stayed = set(Order.objects.values_list("order_no", flat=True))
    assert set(archived) | stayed == {order.order_no for order in orders}
    assert set(archived) & stayed == set()
    # A refund is where its order is, and each that was made is there.
    assert set(Refund.objects.values_list("refund_no", flat=True)) == set(made)
    assert set(Refund.objects.values_list("order__order_no", flat=True)) == stayed
    assert all(not found["Refund"] for found in archived.values())


def test_a_table_without_a_model_may_refer_to_an_order(rows: Rows, path: Path) -> None:
    """Such a batch is in the database alone, and the run says why."""
    order, *_others = make_orders(rows, 2)
    before = everything()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE ledger (order_id bigint REFERENCES scanforpay_order (id))")
        cursor.execute("INSERT INTO ledger VALUES (%s)", [order.pk])
        try:
            with pytest.raises(ArchiveError, match=r"(?i)refers to an order of this batch.*foreign key"):
                archive(path)
        finally:
            cursor.execute("DROP TABLE ledger")
    assert everything() == before
    assert list(find_orders(path)) == []
    assert archive(path).totals.orders == 2


def test_numbers_of_requests_stay(rows: Rows, path: Path) -> None:
    """They belong to a partner, and keep captured requests from being carried out again."""
    (order,) = make_orders(rows, 1)
    SeenRequest.objects.mark(order.partner_id, "d" * 64)
    archive(path)
    assert SeenRequest.objects.count() == 1


def test_a_second_run_over_what_was_left_takes_another_file(rows: Rows, path: Path) -> None:
    make_orders(rows, 2)
    left = Order.objects.first()
    flag = Flag.objects.create(order=left, kind="late_payment")
    assert archive(path).left.total() == 1
    with pytest.raises(ArchiveError, match="complete archive"):
        archive(path)
    flag.delete()
    assert archive(path.with_name("second")).totals.orders == 1
    assert not NotificationAttempt.objects.exists()


HOLD = """
CREATE FUNCTION hold_the_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(815);
    RETURN NULL;
END $$;
CREATE TRIGGER hold_the_delete AFTER DELETE ON scanforpay_order
FOR EACH STATEMENT EXECUTE FUNCTION hold_the_delete();
"""


@pytest.mark.postgres
def test_a_create_that_meets_the_deletion_makes_no_second_order(merchant: Merchant, path: Path) -> None:
    """It would wait for the deletion, with a look at the archived numbers that is older."""
    merchant.create(partnerOrderNo="same")
    Order.objects.update(state="closed")
    finish()
    answers: list[Any] = []

    def create() -> None:
        answers.append(merchant.create(partnerOrderNo="same"))
        connection.close()

    def move() -> None:
        archive(path)
        connection.close()

    threads = [threading.Thread(target=move), threading.Thread(target=create)]
    with connection.cursor() as cursor:
        cursor.execute(HOLD)
        try:
            cursor.execute("SELECT pg_advisory_lock(815)")
            threads[0].start()
            wait_for(lambda: backends('DELETE FROM "scanforpay_order" %'))
            threads[1].start()
            wait_for(lambda: answers or backends("INSERT INTO scanforpay_order %"))
        finally:
            cursor.execute("SELECT pg_advisory_unlock(815)")
            for thread in threads:
                thread.join()
            cursor.execute("DROP FUNCTION hold_the_delete() CASCADE")
    assert answers
    assert not Order.objects.exists()


def test_what_the_ledger_did_not_have_is_posted_before_it_goes(closed: Merchant, path: Path) -> None:
    paid = sum(Payment.objects.filter(state="paid").values_list("paid_amount", flat=True))
    archive(path)
    assert is_empty()
    collected = Posting.objects.filter(kind="collected").values_list("amount", flat=True)
    assert sum(collected) == paid > 0
    before = list(Posting.objects.values())
    import_orders(path)
    assert post_orders(Order.objects.values_list("pk", flat=True)) == 0
    assert list(Posting.objects.values()) == before
