"""The overview says how the platforms have answered."""

from datetime import timedelta

import pytest
from django.test import Client

from scanforpay_django import clock
from scanforpay_django.models import PlatformMinute, Store
from scanforpay_django.operations.figures.durations import find_bucket
from tests.operations.figures.calendar import At, at, make, store
from tests.operations.overview.desk import open_overview
from tests.people import sign_in

__all__ = ["at", "store"]
pytestmark = pytest.mark.django_db


def answered(
    host: str, seconds: float, calls: int, errors: int = 0, minutes: int = 1, error: str = ""
) -> None:
    moment = clock.now() - timedelta(minutes=minutes)
    PlatformMinute.objects.create(
        minute=moment,
        wallet="Wechat",
        host=host,
        calls=calls,
        errors=errors,
        durations={find_bucket(seconds): calls},
        last_error=error,
        last_error_at=moment if error else None,
    )


def test_each_platform_has_its_times_and_errors(store: Store, at: At, staff: Client) -> None:
    make(store)
    at("2026-11-28 17:42:30")
    answered("api.example", 0.1, 1200)
    answered("api.example", 0.1, 800, errors=3, minutes=3, error="HTTP 500")
    answered("slow.example", 3, 9)
    answered("down.example", 0.2, 4, errors=4, error="no answer in 10 s")
    answered("yesterday.example", 0.2, 4, minutes=61)
    text = open_overview(staff)
    assert "WeChat Pay api.example ok 99 ms / 99 ms 0.1 % 3 of 2,000 2026-11-28 17:39:30 HTTP 500" in text
    assert "WeChat Pay slow.example slow 2,9" in text
    assert "0.0 % 0 of 9 none in the last hour" in text
    assert "WeChat Pay down.example failing" in text
    assert "100.0 % 4 of 4 2026-11-28 17:41:30 no answer in 10 s" in text
    assert "yesterday.example" not in text


def test_a_wallet_that_is_not_configured_any_more_keeps_its_name(store: Store, staff: Client) -> None:
    make(store)
    answered("api.example", 0.1, 1)
    PlatformMinute.objects.update(wallet="tea_pay")
    assert "tea_pay api.example" in open_overview(staff)


def test_a_merchants_staff_learn_nothing_of_others_calls(store: Store) -> None:
    make(store)
    answered("api.example", 0.1, 1)
    assert "api.example" not in open_overview(sign_in("", "view_order", store=store))
