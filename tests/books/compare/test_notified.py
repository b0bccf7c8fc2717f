"""Merchants that never heard."""

from datetime import date

import pytest

from scanforpay_django.models import Notification, WalletAccount
from tests.books.platform_copy import (
    Bill,
    bring,
    china,
    differences,
    line_of,
    line_of_refund,
    payment_of,
    refund_of,
)
from tests.rows import Rows

pytestmark = pytest.mark.django_db(transaction=True)
DAY = date(2026, 11, 27)


def test_a_notification_that_was_given_up(account: WalletAccount, rows: Rows) -> None:
    payment = payment_of(account, "2026-11-27 10:00")
    refund = refund_of(payment, 700, "2026-11-27 11:00")
    given_up = {
        "order": payment.order,
        "partner": payment.order.partner,
        "url": "https://shop.example/notify",
        "endpoint": "e",
        "content": "{}",
        "state": Notification.State.EXHAUSTED,
        "alarmed_at": china("2026-11-29 10:00"),
        "last_reason": "HTTP 500",
    }
    Notification.objects.create(**given_up)
    Notification.objects.create(**given_up, kind=Notification.Kind.REFUND, refund=refund)
    bill = Bill(DAY).add(line_of(payment), line_of_refund(refund))
    bring(account, bill)
    assert differences() == ["27 not_notified notification: exhausted / HTTP 500"] * 2
    Notification.objects.update(state=Notification.State.DELIVERED, alarmed_at=None)
    bring(account, bill)
    assert differences() == []
