"""Periodic Celery entries."""

from celery import shared_task

from scanforpay_django.flows.poll_platforms import poll_platforms as poll
from scanforpay_django.merchant_notify.delivery import drain
from scanforpay_django.merchant_notify.stopping import is_stopping
from scanforpay_django.merchant_notify.tasks import deliver
from scanforpay_django.operations.alarms import mail_partners
from scanforpay_django.operations.celery_settings import celery_settings
from scanforpay_django.operations.periodic import (
    ANSWERS_AT_ONCE,
    SIGN_INS_AT_ONCE,
    forget_sign_ins,
    prune_answers,
)

__all__ = ["alarms", "celery_settings", "deliver", "housekeeping", "poll_platforms", "sweep"]


@shared_task(name="scanforpay_django.sweep", ignore_result=True, acks_late=False)
def sweep() -> None:
    """Deliver what no wake-up announced: retries that are due, rows of workers that died, a lost bell."""
    drain(until=is_stopping)


@shared_task(name="scanforpay_django.poll_platforms", ignore_result=True, acks_late=False)
def poll_platforms() -> None:
    """Ask platforms about what nobody told us, close what is to be closed, let orders expire."""
    poll()


@shared_task(name="scanforpay_django.alarms", ignore_result=True, acks_late=False)
def alarms() -> None:
    """Mail partners whose notifications were given up."""
    mail_partners()


@shared_task(name="scanforpay_django.housekeeping", ignore_result=True, acks_late=False)
def housekeeping() -> None:
    """Forget what is of no use any more."""
    while forget_sign_ins() >= SIGN_INS_AT_ONCE and not is_stopping():
        continue
    while prune_answers() >= ANSWERS_AT_ONCE and not is_stopping():
        continue
