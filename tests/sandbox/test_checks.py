"""The sandbox's system checks."""

import pytest
from django.core.checks import run_checks

from tests.sandbox.scene import scene

__all__ = ["scene"]


@pytest.mark.parametrize(
    ("debug", "allowed", "found"), [(False, False, 1), (True, False, 0), (False, True, 0)]
)
def test_check_e100(settings, debug, allowed, found):
    settings.DEBUG, settings.SCANFORPAY_SANDBOX_ALLOWED = debug, allowed
    errors = [message for message in run_checks() if message.id == "scanforpay.E100"]
    assert len(errors) == found
    assert all(message.hint and message.is_serious() for message in errors)
