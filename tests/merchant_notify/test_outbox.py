"""Notifications are written with what they tell of, and resent when staff ask."""

import json
import threading
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import transaction

from scanforpay_django.merchant_notify.claim import claim
from scanforpay_django.merchant_notify.delivery import drain
from scanforpay_django.merchant_notify.outbox import enqueue, resend
from scanforpay_django.merchant_notify.record import Result, record
from scanforpay_django.models import Notification, Order, Partner, Refund
from scanforpay_django.models.moments import DatabaseNow as Now
from scanforpay_django.transport import Outcome
from tests.merchant import Merchant
from tests.paid_order import order, quick, refund
from tests.rows import Rows
from tests.scripted import Platform, platform
from tests.threads import raced
from tests.transport.zoo import Zoo

__all__ = ["order", "platform", "quick"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.row_locks
def test_send_again_pressed_by_eight_sends_once(rows: Rows, zoo: Zoo) -> None:
    notification = rows.notification(zoo.answering(b"success"))
    drain()
    raced(8, lambda: resend(notification))
    raced(8, drain)
    assert len(zoo.requests) == 2
    assert list(notification.attempts.values_list("number", flat=True)) == [1, 2]


@pytest.mark.row_locks
def test_send_again_during_a_try_and_over_and_over_never_sends_twice_at_once(rows: Rows, zoo: Zoo) -> None:
    notification = rows.notification(zoo.answering(b"fail", seconds=0.3))
    stop = threading.Event()

    def press() -> None:
        while not stop.is_set():
            resend(notification)

    def deliver() -> None:
        drain(max_seconds=2)
        stop.set()

    works = iter([press, deliver, deliver])
    raced(3, lambda: next(works)())
    attempts = list(notification.attempts.order_by("number"))
    assert [attempt.number for attempt in attempts] == list(range(1, len(zoo.requests) + 1))
    for before, after in pairwise(attempts):
        assert before.started_at + timedelta(milliseconds=before.duration_ms) <= after.started_at


def test_a_try_that_nobody_recorded_is_said_to_be_so_when_it_is_sent_again(rows: Rows, zoo: Zoo) -> None:
    notification = rows.notification(zoo.answering(b"success"))
    (lost,) = claim(1).taken
    Notification.objects.update(lease_until=Now())
    assert resend(notification)
    assert drain().delivered == 1
    assert list(notification.attempts.values_list("number", "state")) == [(1, "unknown"), (2, "acknowledged")]
    assert record([Result(claimed=lost, outcome=Outcome(status=500))]).lost == 1


State = Notification.State


def fresh(notification: Notification) -> Notification:
    notification.refresh_from_db()
    return notification


def test_send_again_starts_the_ladder_anew(rows: Rows, zoo: Zoo) -> None:
    notification = rows.notification(zoo.answering(b"success"), state=State.EXHAUSTED, attempt_count=19)
    assert resend(notification)
    assert drain().delivered == 1
    assert fresh(notification).attempt_count == 20
    assert notification.schedule_start == 19


@pytest.mark.parametrize("state", [State.DELIVERED, State.PENDING, State.EXHAUSTED])
def test_send_again_takes_every_settled_state(rows: Rows, state: str) -> None:
    assert resend(rows.notification("http://127.0.0.1:81/", state=state))


def test_send_again_leaves_a_running_try_alone(rows: Rows) -> None:
    notification = rows.notification("http://127.0.0.1:81/")
    claim(8)
    assert not resend(notification)


def test_send_again_is_refused_for_an_order_that_is_not_paid(rows: Rows) -> None:
    notification = rows.notification("http://127.0.0.1:81/", state=State.EXHAUSTED)
    Order.objects.update(state=Order.State.REFUNDED)
    assert not resend(notification)
    assert fresh(notification).state == State.EXHAUSTED


def test_nothing_is_written_for_a_merchant_without_address(rows: Rows) -> None:
    assert enqueue(rows.order("")) is None


def test_a_rolled_back_message_is_never_sent(rows: Rows, zoo: Zoo) -> None:
    order = rows.order(zoo.answering(b"success"))
    with transaction.atomic():
        enqueue(order)
        transaction.set_rollback(True)
    assert drain().claimed == 0
    assert zoo.requests == []


def test_refunds_are_notified_to_partners_that_ask_for_it(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    refund(merchant, "r1")
    assert [one.kind for one in Notification.objects.all()] == ["paid"]
    Partner.objects.update(notify_refunds=True)
    told = refund(merchant, "r2", 1400)
    note = Notification.objects.get(kind="refund")
    assert json.loads(note.content)["body"] == told
    assert note.refund == Refund.objects.get(refund_no="r2")


def test_a_refunds_notification_is_true_after_the_order_was_refunded(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    Partner.objects.update(notify_refunds=True)
    refund(merchant, "r1", 2100)
    taken = claim(10)
    assert [json.loads(one.body)["response"]["body"]["refundNo"] for one in taken.taken] == ["r1"]
    assert Notification.objects.get(kind="paid").state == "superseded"
