"""The periodic Celery tasks, made from the table of periodic jobs."""

from typing import Any

from celery import shared_task

from scanforpay_django.merchant_notify.stopping import is_stopping
from scanforpay_django.merchant_notify.tasks import deliver
from scanforpay_django.operations.celery_settings import celery_settings
from scanforpay_django.periodic import PERIODIC_JOBS, PeriodicJob

__all__ = ["alarms", "celery_settings", "deliver", "handlers", "housekeeping", "poll_platforms", "sweep"]


def _task(job: PeriodicJob) -> Any:
    def work_off() -> None:
        for function in job.load():
            while function() is True and not is_stopping():
                continue

    return shared_task(name=job.task_name, ignore_result=True, acks_late=False)(work_off)


_TASKS = {job.name: _task(job) for job in PERIODIC_JOBS}
sweep = _TASKS["sweep"]
poll_platforms = _TASKS["poll_platforms"]
handlers = _TASKS["handlers"]
alarms = _TASKS["alarms"]
housekeeping = _TASKS["housekeeping"]
