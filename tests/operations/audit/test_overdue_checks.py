"""The audit's checks of what stands still."""

from collections.abc import Callable

import pytest

from scanforpay_django.models import Payment, PlatformNotification
from scanforpay_django.operations.audit.overdue_checks import OVERDUE_CHECKS
from tests.merchant import Merchant
from tests.operations.audit.seeds import LONG_AGO, at_once, busy, codes, found, is_found_and_repaired, of_open
from tests.scripted import platform

__all__ = ["at_once", "busy", "platform"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("code", codes(OVERDUE_CHECKS))
def test_what_stands_still_is_found(busy: Merchant, code: str) -> None:
    is_found_and_repaired(code)


@pytest.mark.parametrize(
    ("code", "seed"),
    [
        ("payment-overdue", of_open(Payment, failing_since=LONG_AGO)),
        ("platform-message-not-applied", lambda: PlatformNotification.objects.update(outcome="refused")),
        (
            "platform-message-not-applied",
            lambda: PlatformNotification.objects.update(outcome="incomplete", received_at=LONG_AGO),
        ),
    ],
)
def test_what_stands_still_otherwise_is_found(busy: Merchant, code: str, seed: Callable[[], object]) -> None:
    assert code not in found()
    seed()
    assert code in found()
