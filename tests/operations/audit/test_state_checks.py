"""The audit's checks of states."""

import pytest

from scanforpay_django.operations.audit.state_checks import STATE_CHECKS
from tests.merchant import Merchant
from tests.operations.audit.seeds import at_once, busy, codes, is_found_and_repaired
from tests.scripted import platform

__all__ = ["at_once", "busy", "platform"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("code", codes(STATE_CHECKS))
def test_a_seeded_corruption_is_found_and_mended_where_that_is_safe(busy: Merchant, code: str) -> None:
    is_found_and_repaired(code)
