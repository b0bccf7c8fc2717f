"""The audit's checks of the machines."""

from datetime import timedelta

import pytest

from scanforpay_django import clock
from scanforpay_django.models import HostClock
from scanforpay_django.operations.audit.host_checks import HOST_CHECKS
from tests.merchant import Merchant
from tests.operations.audit.seeds import at_once, busy, codes, found, is_found_and_repaired
from tests.scripted import platform

__all__ = ["at_once", "busy", "platform"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("code", codes(HOST_CHECKS))
def test_what_is_wrong_with_a_machine_is_found(busy: Merchant, code: str) -> None:
    is_found_and_repaired(code)


def test_a_clock_that_was_seen_long_ago_is_no_finding(busy: Merchant) -> None:
    HostClock.objects.record("web-1", 1860)
    HostClock.objects.update(at=clock.now() - timedelta(minutes=6))
    assert found() == {}
