"""Celery's part: it carries wake-ups, never rows. For SCANFORPAY_WAKE_UP."""

from typing import Any

from celery import shared_task

from scanforpay_django.merchant_notify.delivery import drain
from scanforpay_django.merchant_notify.stopping import is_stopping


def deliver_due() -> None:
    """Deliver until nothing is due, the task's time is over, or its worker is asked to end."""
    drain(until=is_stopping)


#: Seconds. Longer than a drain takes: see operations.celery_settings.
SOFT_TIME_LIMIT, EXTRA_SECONDS = 75, 15
#: a broker that does not answer costs a wake-up this long, and no request
BROKER_TIMEOUTS = {
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "max_retries": 0,
    "retry_on_timeout": False,
}


@shared_task(
    name="scanforpay_django.merchant_notify.deliver",
    ignore_result=True,
    acks_late=False,
    serializer="json",
    soft_time_limit=SOFT_TIME_LIMIT,
    time_limit=SOFT_TIME_LIMIT + EXTRA_SECONDS,
)
def deliver() -> None:
    """What ``wake_up`` asks for."""
    deliver_due()


def wake_up() -> None:
    """Ask a Celery worker to deliver now. Without a worker the request expires after 30 seconds.

    Raises the broker's errors; called in the background (see ``waking``).
    """
    with deliver.app.connection_for_write() as connection:
        connection.transport_options = {**(connection.transport_options or {}), **_timeouts(connection)}
        options: dict[str, Any] = {"expires": 30, "retry": False, "connection": connection}
        deliver.apply_async(**options)


def _timeouts(connection: Any) -> dict[str, Any]:
    """Redis' own defaults wait for ever; other brokers have options of other names."""
    return BROKER_TIMEOUTS if str(connection.transport_cls).startswith("redis") else {}
