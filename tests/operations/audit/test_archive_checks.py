"""The audit's checks of archived orders."""

import pytest

from scanforpay_django.operations.audit.archive_checks import ARCHIVE_CHECKS
from tests.merchant import Merchant
from tests.operations.audit.seeds import at_once, busy, codes, is_found_and_repaired
from tests.scripted import platform

__all__ = ["at_once", "busy", "platform"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("code", codes(ARCHIVE_CHECKS))
def test_what_a_platform_sends_about_an_archived_payment_is_found(busy: Merchant, code: str) -> None:
    is_found_and_repaired(code)
