"""A host whose clock is wrong expires and closes nothing."""

from datetime import timedelta

import pytest

from scanforpay_django import clock as own_clock
from scanforpay_django.flows import clock
from scanforpay_django.flows.poll_platforms import poll_platforms
from scanforpay_django.models import Order
from scanforpay_django.operations.audit import audit
from tests.merchant import Merchant
from tests.scripted import Platform, platform

__all__ = ["platform"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def new_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_looked_at", None)
    monkeypatch.setattr(clock, "_is_right", True)


def ahead(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    real = own_clock.now
    monkeypatch.setattr(own_clock, "now", lambda: real() + by)


@pytest.mark.parametrize("minutes", [31, -31, 1, -1])
def test_a_host_whose_clock_is_wrong_expires_nothing(
    merchant: Merchant,
    platform: Platform,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    minutes: int,
) -> None:
    merchant.create(partnerOrderNo="p1")
    merchant.create(partnerOrderNo="p2")
    Order.objects.filter(partner_order_no="p2").update(expires_at=own_clock.now() - timedelta(seconds=1))
    ahead(monkeypatch, timedelta(minutes=minutes))
    poll_platforms()
    assert set(Order.objects.values_list("state", flat=True)) == {"pending"}
    assert abs(clock.skew_seconds() - 60 * minutes) <= 2
    assert "is NTP running?" in caplog.text
    assert [one.check.code for one in audit()] == ["clock-wrong"]
    monkeypatch.undo()
    monkeypatch.setattr(clock, "_looked_at", None)
    poll_platforms()
    assert list(audit()) == []
    states = dict(Order.objects.values_list("partner_order_no", "state"))
    assert states == {"p1": "pending", "p2": "expired"}


def test_a_clock_that_is_right_is_looked_at_once_a_minute(
    merchant: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert clock.is_clock_right()
    ahead(monkeypatch, timedelta(hours=1))
    assert clock.is_clock_right()
    monkeypatch.setattr(clock, "LOOK_SECONDS", 0)
    assert not clock.is_clock_right()
