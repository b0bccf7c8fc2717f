"""Which rows an audit looks at."""

from datetime import timedelta
from typing import Any

import pytest

from scanforpay_django import clock
from scanforpay_django.models import (
    AuditFailure,
    Notification,
    NotificationAttempt,
    Order,
    OrderEvent,
    Payment,
)
from scanforpay_django.operations.audit import (
    ALL_CHECKS,
    all_rows,
    audit,
    extent,
    new_rows,
    record_run,
    rows_since,
)
from tests.causes import STAFF
from tests.merchant import Merchant
from tests.operations.audit.seeds import arrive, at_once, busy, found, of_open, one, opened
from tests.scripted import platform

__all__ = ["at_once", "busy", "platform"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def looked_at(busy: Merchant, monkeypatch: pytest.MonkeyPatch) -> Merchant:
    """All that is there was looked at, to the last row."""
    monkeypatch.setattr(extent, "OVERLAP", 0)
    record_run(all_rows())
    return busy


def codes(which: Any) -> list[str]:
    return sorted({broken.check.code for broken in audit(extent=which)})


def test_the_first_look_at_what_is_new_is_at_everything(busy: Merchant) -> None:
    one(Order, paid_at=None)()
    assert new_rows().after is None
    assert codes(new_rows()) == ["paid-without-date"]


def test_what_is_old_and_finished_is_left_out(looked_at: Merchant) -> None:
    one(Order, paid_at=None)()
    assert codes(new_rows()) == []
    assert codes(all_rows()) == ["paid-without-date"]


def test_new_rows_are_looked_at(looked_at: Merchant) -> None:
    arrive(opened(looked_at, "new"))
    assert codes(new_rows()) == []
    Order.objects.filter(partner_order_no="new").update(paid_at=None)
    assert codes(new_rows()) == ["paid-without-date"]


def test_the_newest_rows_are_looked_at_once_more(busy: Merchant) -> None:
    """A transaction that has a smaller key may have ended after the look."""
    record_run(all_rows())
    one(Order, paid_at=None)()
    assert codes(new_rows()) == ["paid-without-date"]


def test_an_old_order_that_has_changed_is_looked_at(looked_at: Merchant) -> None:
    order = Order.objects.get(partner_order_no="paid")
    one(Order, paid_at=None)()
    one(Payment, amount=1)()
    assert codes(new_rows()) == []
    order.record_event(STAFF, {})
    assert codes(new_rows()) == ["paid-without-date", "payment-of-other-money"]
    OrderEvent.objects.order_by("-pk").first().delete()
    assert codes(new_rows()) == []
    NotificationAttempt.objects.create(
        notification=Notification.objects.get(kind="paid"), number=2, state="failed"
    )
    assert codes(new_rows()) == ["paid-without-date", "payment-of-other-money", "tries-miscounted"]


def test_what_is_not_finished_is_looked_at_however_old(looked_at: Merchant) -> None:
    of_open(Payment, next_query_at=None)()
    of_open(Order, paid_at=clock.now())()
    one(Notification, next_at=clock.now() + timedelta(days=30))()
    assert codes(new_rows()) == ["dated-but-not-paid", "payment-not-watched", "waits-too-long"]


def test_what_failed_is_looked_at_until_it_is_well(looked_at: Merchant) -> None:
    order = Order.objects.get(partner_order_no="paid")
    one(Order, paid_at=None)()
    AuditFailure.objects.replace("paid-without-date", [order.pk])
    assert codes(new_rows()) == ["paid-without-date"]
    one(Order, paid_at=clock.now())()
    assert codes(new_rows()) == []


def test_rows_since_a_moment(looked_at: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
    one(Order, paid_at=None)()
    assert codes(rows_since(clock.now() - timedelta(days=1))) == ["paid-without-date"]
    monkeypatch.setattr("scanforpay_django.models.keys_by_time.NEAR", 0)
    assert codes(rows_since(clock.now() + timedelta(days=1))) == []


def test_slices_leave_nothing_out(busy: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
    for size in (1, 2):
        monkeypatch.setattr(extent, "SLICE", size)
        monkeypatch.setattr(extent, "ORDERS_TOGETHER", size)
        assert found() == {}
    Order.objects.update(title="x", expires_at=clock.now() + timedelta(days=30))
    broken = [one for one in audit() if one.check.code == "order-lives-too-long"]
    assert len(broken) == Order.objects.count()


def test_every_check_is_of_a_large_table_or_of_a_small_one() -> None:
    small = {check.rows.model.__name__ for check in ALL_CHECKS} - {model.__name__ for model in extent.LARGE}
    assert small == {"SignKey", "WalletAccount", "HostClock", "ArchivedNumber", "Store", "BillFile"}
