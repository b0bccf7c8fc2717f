"""Celery's part: it carries wake-ups, never rows. For SCANFORPAY_WAKE_UP."""

from celery import shared_task

from scanforpay_django.merchant_notify.delivery import drain
from scanforpay_django.merchant_notify.stopping import is_stopping


def deliver_due() -> None:
    """Deliver until nothing is due, the task's time is over, or its worker is asked to end."""
    drain(until=is_stopping)


@shared_task(name="scanforpay_django.merchant_notify.deliver", ignore_result=True, acks_late=False)
def deliver() -> None:
    """What ``wake_up`` asks for."""
    deliver_due()


def wake_up() -> None:
    """Ask a Celery worker to deliver now. Without a worker the request expires after 30 seconds.

    Raises the broker's errors; called in the background (see ``waking``).
    """
    deliver.apply_async(expires=30, retry=False)
