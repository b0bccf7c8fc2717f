"""Periodic Celery entries."""

from celery import shared_task

from scanforpay_django.merchant_notify.delivery import drain
from scanforpay_django.operations.celery_settings import celery_settings

__all__ = ["celery_settings", "sweep"]


@shared_task(name="scanforpay_django.sweep", ignore_result=True, acks_late=False)
def sweep() -> None:
    """Deliver what no wake-up announced: retries that are due, rows of workers that died, a lost bell."""
    drain()
