"""Barcode payments that the customer did not confirm in time are reversed."""

import pytest

from scanforpay_django.models import Notification, Order
from scanforpay_django.sandbox.models import Trade
from tests.flows.barcode_till import HESITATES, Till, till

__all__ = ["till"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


def test_who_never_types_the_password_has_not_paid(till: Till) -> None:
    till.scan(HESITATES, partnerOrderNo="b1")
    till.wait()
    # WeChat reverses nothing while the customer is at the password: it is asked again.
    Trade.objects.filter(state="open").update(state="failed")
    till.wait()
    assert Order.objects.get().state == "expired"
    assert till.query("b1")["status"] == 2


def test_paid_at_the_last_moment_is_paid(till: Till) -> None:
    till.scan(HESITATES)
    till.sandbox.confirm(till.sandbox.trades[0])
    till.wait()
    assert Order.objects.get().state == "paid"


def test_what_was_undone_after_an_answer_got_lost_is_not_paid(till: Till) -> None:
    """The reversal gives the money back although nobody hears of it."""
    till.scan(HESITATES, partnerOrderNo="b1")
    trade = till.sandbox.trades[0]
    till.sandbox.confirm(trade)
    Trade.objects.update(state="revoked")
    till.wait()
    assert Order.objects.get().state == "expired"
    assert not Notification.objects.exists()
