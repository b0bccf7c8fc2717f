"""The command scanforpay_audit."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from scanforpay_django.models import Order
from scanforpay_django.operations.audit import ALL_CHECKS
from tests.merchant import Merchant
from tests.operations.audit.seeds import at_once, busy, one
from tests.scripted import platform

__all__ = ["at_once", "busy", "platform"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_the_command_says_what_it_found(busy: Merchant) -> None:
    told = StringIO()
    call_command("scanforpay_audit", stdout=told)
    assert told.getvalue() == f"{len(ALL_CHECKS)} checks: 0 failed, 0 repaired\n"
    one(Order, paid_at=None)()
    one(Order, refunded_amount=0)()
    told = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("scanforpay_audit", repair=True, stdout=told)
    assert ended.value.code == 1
    assert "repaired paid-without-date: order" in told.getvalue()
    assert "FAILED order-refund-figure: order" in told.getvalue()
    call_command("scanforpay_audit", check=["paid-without-date"], stdout=told)
    with pytest.raises(CommandError, match="no such check: x"):
        call_command("scanforpay_audit", check=["x"])
    call_command("scanforpay_audit", list=True, stdout=told)
    assert "paid-but-not-notified (invariant 3, repaired with --repair)" in told.getvalue()
