"""Handlers are called until they succeed, and their effect happens once whatever dies."""

import threading
from collections.abc import Callable, Iterator

import pytest

from scanforpay_django import checkout, clock, handlers
from scanforpay_django.flows import call_handlers as flow
from scanforpay_django.flows.call_handlers import call_again, call_handler, call_handlers
from scanforpay_django.models import Flag, HandlerCall, Order, Partner
from tests.merchant import Merchant
from tests.paid_order import order, quick
from tests.scripted import Platform, platform
from tests.threads import raced
from tests.waiting import wait_for

__all__ = ["order", "platform", "quick"]
pytestmark = pytest.mark.django_db(transaction=True)

DOES: list[Callable[[Order], None]] = []


def ship(order: Order) -> None:
    """Writes a row of the shop's, then does what the test wants."""
    Partner.objects.create(partner_no=f"ship{Partner.objects.count()}", name=order.order_no)
    for work in DOES:
        work(order)


def shipped() -> int:
    return Partner.objects.filter(partner_no__startswith="ship").count()


@pytest.fixture(autouse=True)
def shop() -> Iterator[None]:
    DOES.clear()
    checkout.on_paid(ship)
    yield
    handlers.unregister("paid", ship)


def due() -> None:
    HandlerCall.objects.filter(state="pending").update(next_at=clock.now())


def fails(_order: Order) -> None:
    raise ValueError("no stock")


def test_what_raises_leaves_nothing_and_is_called_again(
    merchant: Merchant, order: Order, caplog: pytest.LogCaptureFixture
) -> None:
    DOES.append(fails)
    call_handlers()
    call = HandlerCall.objects.get()
    assert (call.state, call.attempt_count, shipped()) == ("pending", 1, 0)
    assert "no stock" in call.last_error
    assert "no stock" in caplog.text
    assert call.next_at > clock.now()
    call_handlers()
    assert HandlerCall.objects.get().attempt_count == 1
    DOES.clear()
    due()
    call_handlers()
    call.refresh_from_db()
    assert (call.state, call.last_error, shipped()) == ("done", "", 1)


def test_who_lost_the_lease_cannot_commit(merchant: Merchant, order: Order) -> None:
    def is_overtaken(_order: Order) -> None:
        DOES.clear()
        HandlerCall.objects.update(lease_token="of another")

    DOES.append(is_overtaken)
    call_handlers()
    call = HandlerCall.objects.get()
    assert (call.state, shipped()) == ("pending", 0)
    due()
    call_handlers()
    assert (HandlerCall.objects.get().state, shipped()) == ("done", 1)


def test_a_worker_that_dies_in_the_handler_has_done_nothing(merchant: Merchant, order: Order) -> None:
    class Killed(BaseException):
        """As SIGKILL: nothing of ours runs afterwards."""

    def dies(_order: Order) -> None:
        DOES.clear()
        raise Killed

    DOES.append(dies)
    with pytest.raises(Killed):
        call_handler(HandlerCall.objects.get().pk)
    call = HandlerCall.objects.get()
    assert (call.state, call.lease_token != "", shipped()) == ("pending", True, 0)
    assert call.next_at > clock.now()
    due()
    call_handlers()
    assert (HandlerCall.objects.get().state, shipped()) == ("done", 1)


def test_after_the_last_attempt_staff_are_told_and_may_have_it_called_again(
    merchant: Merchant, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    DOES.append(fails)
    monkeypatch.setattr(flow, "RetrySchedule", lambda: flow_schedule(2))
    for _ in range(3):
        call_handlers()
        due()
    call = HandlerCall.objects.get()
    assert (call.state, call.attempt_count) == ("exhausted", 2)
    flag = Flag.objects.get()
    assert (flag.kind, flag.details["handler"]) == ("handler_failed", f"{__name__}.ship")
    DOES.clear()
    assert call_again(HandlerCall.objects.all()) == 1
    call_handlers()
    assert (HandlerCall.objects.get().state, shipped()) == ("done", 1)


def test_a_handler_that_always_ends_the_process_is_given_up(
    merchant: Merchant, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """As SIGKILL."""

    def dies(_order: Order) -> None:
        raise Killed

    DOES.append(dies)
    monkeypatch.setattr(flow, "RetrySchedule", lambda: flow_schedule(2))
    for _ in range(2):
        with pytest.raises(Killed):
            call_handler(HandlerCall.objects.get().pk)
        due()
    call_handlers()
    assert HandlerCall.objects.get().state == "exhausted"
    assert Flag.objects.get().kind == "handler_failed"


def test_an_error_that_no_database_stores_is_recorded(merchant: Merchant, order: Order) -> None:
    def says_nonsense(_order: Order) -> None:
        raise ValueError("no \0 stock \ud800")

    DOES.append(says_nonsense)
    call_handlers()
    call = HandlerCall.objects.get()
    assert (call.state, call.lease_token, "stock" in call.last_error) == ("pending", "", True)


def test_a_handler_that_hangs_keeps_no_other_waiting(
    merchant: Merchant, platform: Platform, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on = threading.Event()

    def hangs(_order: Order) -> None:
        goes_on.wait(60)

    monkeypatch.setattr(flow, "WAIT_SECONDS", 0.5)
    HandlerCall.objects.all().delete()
    checkout.on_paid(atomic=False)(hangs)
    try:
        flow.enqueue_handler_calls(order, "paid")
        call_handlers()
        assert sorted(HandlerCall.objects.values_list("state", flat=True)) == ["done", "pending"]
        goes_on.set()
        assert wait_for(lambda: set(HandlerCall.objects.values_list("state", flat=True)) == {"done"})
    finally:
        goes_on.set()
        handlers.unregister("paid", hangs)


def flow_schedule(most: int):
    from scanforpay_django.merchant_notify.retry import RetrySchedule

    return RetrySchedule(max_attempts=most)


def test_a_name_that_has_vanished_is_flagged(merchant: Merchant, order: Order) -> None:
    handlers.unregister("paid", ship)
    call_handlers()
    assert HandlerCall.objects.get().state == "exhausted"
    assert Flag.objects.get().kind == "handler_failed"


def test_many_workers_at_once_call_each_handler_once(merchant: Merchant, order: Order) -> None:
    pk = HandlerCall.objects.get().pk
    raced(6, lambda: call_handler(pk))
    assert (HandlerCall.objects.get().state, shipped()) == ("done", 1)


def test_one_row_for_each_handler_however_often_it_is_written(merchant: Merchant, order: Order) -> None:
    for _ in range(2):
        flow.enqueue_handler_calls(order, handlers.ON_PAID)
    assert HandlerCall.objects.count() == 1


def test_a_slow_handler_is_named(
    merchant: Merchant, order: Order, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(flow, "SLOW_SECONDS", -1)
    call_handlers()
    assert "took longer" in caplog.text
