"""Test notifications."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from scanforpay_django.models import Notification, NotificationAttempt, SignKey
from tests.rows import SECRET, Rows
from tests.transport.zoo import Zoo

pytestmark = pytest.mark.django_db(transaction=True)

DESK = "admin:scanforpay_delivery_desk"


def test_a_test_shows_what_came_back_and_stores_nothing(staff: Client, rows: Rows, zoo: Zoo) -> None:
    url = zoo.answering(b"<b>bad signature</b>")
    order = rows.order(url)
    page = staff.post(reverse(DESK), {"store": order.store_id, "url": "", "_test": "1"}).content.decode()
    assert "&lt;b&gt;bad signature" in page
    assert "the answer is not “success”" in page
    assert (Notification.objects.count(), NotificationAttempt.objects.count()) == (0, 0)
    assert SignKey.objects.count() == 1
    body = zoo.bodies()[0]
    assert b'"status":0' in body
    assert order.partner_order_no.encode() not in body
    assert SECRET not in page


def test_a_test_goes_through_the_guard(staff: Client, settings: Any) -> None:
    settings.SCANFORPAY_OUTBOUND_ALLOW = []
    page = staff.post(reverse(DESK), {"url": "http://169.254.169.254/", "_test": "1"}).content.decode()
    assert "address refused: the host is not on the public internet" in page
