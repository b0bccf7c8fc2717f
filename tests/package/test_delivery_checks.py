"""Misconfigurations of the delivery have ids and hints."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from celery import Celery, current_app

from scanforpay_django import delivery_checks
from scanforpay_django.operations.celery_settings import celery_settings

WAKE_UP = "scanforpay_django.merchant_notify.tasks.wake_up"


def ids(check: Callable[[], list[Any]]) -> list[str]:
    """What a check found; everything has a hint."""
    found = check()
    assert all(message.hint for message in found)
    return [message.id for message in found]


@pytest.fixture
def celery_with(settings: Any) -> Iterator[Callable[..., None]]:
    """Makes an app the current one."""
    before = current_app._get_current_object()
    settings.SCANFORPAY_WAKE_UP = WAKE_UP

    def make(**changes: Any) -> None:
        app = Celery("checked", set_as_current=True)
        app.conf.update(changes)
        app.set_default()

    yield make
    before.set_current()
    before.set_default()


def test_our_settings_pass(celery_with: Callable[..., None]) -> None:
    celery_with(**celery_settings())
    assert ids(delivery_checks.check_celery) == []


def test_an_app_that_knows_nothing_of_us_is_found(celery_with: Callable[..., None], settings: Any) -> None:
    celery_with()
    assert ids(delivery_checks.check_celery) == ["scanforpay.W030", "scanforpay.W031"]
    settings.SCANFORPAY_WAKE_UP = None
    assert ids(delivery_checks.check_celery) == []


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"accept_content": ["json", "pickle"]}, "accept_content"),
        ({"task_publish_retry": True}, "task_publish_retry"),
        ({"broker_transport_options": {"visibility_timeout": 300}}, "socket_timeout"),
        ({"task_time_limit": 200}, "visibility_timeout"),
        ({"task_soft_time_limit": 30}, "task_soft_time_limit"),
        ({"worker_prefetch_multiplier": 4}, "worker_prefetch_multiplier"),
    ],
)
def test_each_difference_that_matters_is_named(
    celery_with: Callable[..., None], changes: dict[str, Any], word: str
) -> None:
    celery_with(**{**celery_settings(), **changes})
    (found,) = delivery_checks.check_celery()
    assert found.id == "scanforpay.W030"
    assert found.hint.partition("Different: ")[2].startswith(word) or word in found.hint
    assert found.hint.count(";") == 0


def test_a_schedule_without_the_sweep_is_found(celery_with: Callable[..., None]) -> None:
    celery_with(**{**celery_settings(), "beat_schedule": {}})
    assert ids(delivery_checks.check_celery) == ["scanforpay.W031"]
    celery_with(
        **{**celery_settings(), "beat_schedule": {}, "beat_scheduler": "django_celery_beat.schedulers:X"}
    )
    assert ids(delivery_checks.check_celery) == []


@pytest.mark.parametrize(
    ("lease", "found"),
    [(60, []), (59, ["scanforpay.W032"]), (30, ["scanforpay.W032"]), (29, ["scanforpay.E032"])],
)
def test_a_short_lease_is_found(settings: Any, lease: int, found: list[str]) -> None:
    settings.SCANFORPAY_NOTIFY_LEASE_SECONDS = lease
    assert ids(delivery_checks.check_lease) == found
