"""The audit's checks of deliveries."""

import pytest

from scanforpay_django.models import Notification, NotificationAttempt
from scanforpay_django.operations.audit.delivery_checks import DELIVERY_CHECKS
from tests.merchant import Merchant
from tests.operations.audit.seeds import at_once, busy, codes, found, is_found_and_repaired, one, taken
from tests.scripted import platform

__all__ = ["at_once", "busy", "platform"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("code", codes(DELIVERY_CHECKS))
def test_a_seeded_corruption_is_found_and_mended_where_that_is_safe(busy: Merchant, code: str) -> None:
    is_found_and_repaired(code)


def test_a_delivery_is_dated_by_the_try_that_was_taken(busy: Merchant) -> None:
    taken(delivered_at=None)
    assert found(repair=True) == {"delivered-without-date": True}
    assert found() == {}
    assert Notification.objects.get().delivered_at == NotificationAttempt.objects.get().started_at


def test_a_delivery_without_a_try_is_not_dated(busy: Merchant) -> None:
    one(Notification, state="delivered")()
    assert found(repair=True) == {"delivered-without-date": False, "delivered-without-try": False}
