"""Every corruption that the audit knows is seeded, found, and, where that is safe, repaired."""

import pytest

from scanforpay_django.operations.audit import ALL_CHECKS
from tests.merchant import Merchant
from tests.operations.audit.seeds import SEEDS, at_once, busy, found
from tests.scripted import platform

__all__ = ["at_once", "busy", "platform"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_what_is_well_is_well(busy: Merchant) -> None:
    assert found() == {}


def test_every_check_has_its_seed() -> None:
    assert sorted(SEEDS) == sorted(check.code for check in ALL_CHECKS)
    assert len(ALL_CHECKS) >= 20
