"""Hosts whose clocks are wrong, as rows."""

from datetime import timedelta

import pytest

from scanforpay_django import clock
from scanforpay_django.models import HostClock

pytestmark = pytest.mark.django_db


def test_one_row_for_each_host() -> None:
    HostClock.objects.record("web-1", 1860)
    HostClock.objects.record("web-1", 1870)
    HostClock.objects.record("web-2", -31)
    assert sorted(map(str, HostClock.objects.wrong_now())) == ["web-1: +1870 s", "web-2: -31 s"]


def test_what_is_right_again_or_was_seen_long_ago_is_no_news() -> None:
    for host, minutes in (("here", 0), ("silent", 6), ("gone", 60 * 25)):
        HostClock.objects.record(host, 60)
        HostClock.objects.filter(host=host).update(at=clock.now() - timedelta(minutes=minutes))
    assert [clock.host for clock in HostClock.objects.wrong_now()] == ["here"]
    HostClock.objects.forget("here")
    assert [clock.host for clock in HostClock.objects.all()] == ["silent"]
