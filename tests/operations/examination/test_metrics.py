"""Figures for monitoring."""

from datetime import timedelta
from typing import Any

import pytest

from scanforpay_django import clock
from scanforpay_django.models import Endpoint, PlatformMinute, WorkerBeat
from scanforpay_django.operations.chain.follow import catch_up as link_all
from scanforpay_django.operations.examination.metrics import read_metrics
from tests.merchant import Merchant
from tests.rows import Rows

pytestmark = pytest.mark.django_db


def figures(name: str) -> dict[tuple[str, ...], float]:
    return next(dict(metric.samples) for metric in read_metrics() if metric.name == name)


def test_what_is_due_has_its_age_and_reason(merchant: Merchant, rows: Rows) -> None:
    reason = "HTTP status 502 from 10.0.0.1:80"
    rows.notification("http://127.0.0.1:81/", next_at=clock.now() - timedelta(minutes=2), last_reason=reason)
    assert figures("notifications_due") == {("HTTP status 502 from",): 1}
    assert 110 < figures("notifications_oldest_due_seconds")[()] < 300


def test_calls_to_platforms_by_host(merchant: Merchant) -> None:
    minute = {"wallet": "Wechat", "host": "api.example", "minute": clock.now(), "durations": {"10": 3}}
    PlatformMinute.objects.create(calls=3, errors=1, **minute)
    PlatformMinute.objects.create(calls=2, errors=0, **minute)
    host = ("Wechat", "api.example")
    assert (figures("platform_calls")[host], figures("platform_errors")[host]) == (5, 1)
    assert figures("platform_seconds")[(*host, "0.95")] > 1


def test_deliveries_and_workers(merchant: Merchant) -> None:
    Endpoint.objects.create(partner=merchant.partner, origin="o", key="k", delivered_count=7, failed_count=2)
    WorkerBeat.objects.record("web-1", WorkerBeat.Kind.WORKER)
    assert figures("deliveries_total") == {("delivered",): 7, ("failed",): 2}
    assert figures("worker_seen_seconds").keys() == {("web-1", "worker")}


def test_how_long_ago_rows_were_linked(merchant: Merchant) -> None:
    assert figures("chain_seconds") == {}
    link_all()
    assert 0 <= figures("chain_seconds")[()] < 60


def test_it_takes_few_statements(merchant: Merchant, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(13):
        read_metrics()
