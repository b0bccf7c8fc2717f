"""Signed requests from before a restore."""

from datetime import UTC, datetime, timedelta

import pytest

from scanforpay_django.models import Order, RestoreMark
from scanforpay_django.models.restore_cache import restored_at
from tests.merchant import Merchant, order_body

pytestmark = pytest.mark.django_db


def before() -> str:
    """A moment that the window of requests still takes."""
    return (datetime.now(UTC) - timedelta(minutes=2)).isoformat(timespec="seconds")


def recover() -> None:
    RestoreMark.objects.create(backup_from=datetime.now(UTC) - timedelta(hours=1))
    restored_at.forget()


def test_a_request_from_before_a_recovery_is_refused(merchant: Merchant) -> None:
    recover()
    assert merchant.call("/api/jspay/create", order_body(), reqTime=before())["code"] == 3
    assert not Order.objects.exists()
    # What is signed anew is carried out.
    assert merchant.create()["code"] == 1


def test_without_a_recovery_the_window_alone_decides(merchant: Merchant) -> None:
    RestoreMark.objects.create()
    restored_at.forget()
    assert merchant.call("/api/jspay/create", order_body(), reqTime=before())["code"] == 1
