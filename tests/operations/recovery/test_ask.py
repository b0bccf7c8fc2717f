"""Asking the platforms about all open orders of a copy."""

from datetime import timedelta

import pytest

from scanforpay_django import clock
from scanforpay_django.exceptions import PlatformUnreachable
from scanforpay_django.models import AskedOrder, Order, Payment, RestoreMark
from scanforpay_django.operations.recovery.ask import Asked, Pace, ask_about_orders
from tests.lost_orders import forget_payments
from tests.merchant import Merchant
from tests.scripted import Platform, platform, start

__all__ = ["platform"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mark(merchant: Merchant, platform: Platform) -> RestoreMark:
    """Six open orders, of which three were paid in the time that is lost."""
    for number in range(6):
        merchant.create(partnerOrderNo=f"p{number}")
    for order in Order.objects.select_related("partner", "store").order_by("pk")[:3]:
        platform.trades[start(order, "payer").params["number"]] = "paid"
    forget_payments(*Order.objects.all())
    return RestoreMark.objects.create(backup_from=clock.now() - timedelta(hours=1))


def ask(mark: RestoreMark, threads: int) -> tuple[Asked, list[int]]:
    seen: list[int] = []
    asked = ask_about_orders(
        mark, per_second=10_000, threads=threads, report=lambda one: seen.append(one.rows)
    )
    return asked, seen


@pytest.mark.parametrize("threads", [1, 3])
def test_each_is_asked_about_once(mark: RestoreMark, threads: int) -> None:
    asked, seen = ask(mark, threads)
    assert (asked.rows, asked.found, asked.faults, seen) == (6, 3, {}, [6])
    assert Order.objects.filter(state="paid").count() == Payment.objects.filter(is_applied=True).count() == 3
    assert ask(mark, threads)[0].rows == 0
    mark.refresh_from_db()
    assert mark.asked_at is not None


def test_what_could_not_be_asked_is_asked_the_next_time(mark: RestoreMark, platform: Platform) -> None:
    platform.script["query"] = PlatformUnreachable()
    asked, _seen = ask(mark, 1)
    assert (asked.rows, asked.found, len(asked.faults)) == (6, 0, 6)
    mark.refresh_from_db()
    assert (mark.asked_at, AskedOrder.objects.count()) == (None, 0)
    platform.script.clear()
    assert ask(mark, 1)[0].found == 3


def test_what_nobody_expected_keeps_no_other_from_being_asked(
    mark: RestoreMark, platform: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    platform.script["query"] = ZeroDivisionError()
    asked, _seen = ask(mark, 1)
    assert (asked.rows, set(asked.faults.values())) == (6, {"ZeroDivisionError"})
    assert caplog.text.count("could not be asked about") >= 6


def test_an_account_is_not_asked_faster_than_said() -> None:
    pace = Pace(4.0)
    assert [pace.take_turn(1, 100.0) for _question in range(3)] == [100.0, 100.25, 100.5]
    # Another account has turns of its own, and nobody waits for what is past.
    assert [pace.take_turn(2, 100.0), pace.take_turn(1, 107.0)] == [100.0, 107.0]
