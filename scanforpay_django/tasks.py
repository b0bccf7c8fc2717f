"""The periodic Celery tasks, made from the table of periodic jobs."""

import socket
from typing import Any

from celery import shared_task

from scanforpay_django.merchant_notify.stopping import is_stopping
from scanforpay_django.merchant_notify.tasks import EXTRA_SECONDS, SOFT_TIME_LIMIT, deliver
from scanforpay_django.models import PeriodicRun, WorkerBeat
from scanforpay_django.operations.celery_fallback import SWEEP
from scanforpay_django.operations.celery_settings import add_to_celery, celery_settings
from scanforpay_django.periodic import PERIODIC_JOBS, PeriodicJob

__all__ = [
    "add_to_celery", "alarms", "celery_settings", "chain", "deliver", "figures", "handlers", "housekeeping",
    "poll_platforms", "postings", "reconcile", "sweep",
]  # fmt: skip


#: a handler may take as long as its lease lasts, and a bill may have a million lines
TIME_LIMITS = {"handlers": 600, "bill_fees": 600, "reconcile": 1800}


def _task(job: PeriodicJob) -> Any:
    def work_off() -> None:
        if job.name == SWEEP:
            PeriodicRun.objects.mark(SWEEP)
            WorkerBeat.objects.record(socket.gethostname(), WorkerBeat.Kind.CELERY)
        for function in job.load():
            while function() is True and not is_stopping():
                continue

    limit = TIME_LIMITS.get(job.name, SOFT_TIME_LIMIT)
    return shared_task(
        name=job.task_name,
        ignore_result=True,
        acks_late=False,
        serializer="json",
        soft_time_limit=limit,
        time_limit=limit + EXTRA_SECONDS,
    )(work_off)


_TASKS = {job.name: _task(job) for job in PERIODIC_JOBS}
sweep = _TASKS["sweep"]
poll_platforms = _TASKS["poll_platforms"]
handlers = _TASKS["handlers"]
alarms = _TASKS["alarms"]
postings = _TASKS["postings"]
chain = _TASKS["chain"]
bill_fees = _TASKS["bill_fees"]
reconcile = _TASKS["reconcile"]
figures = _TASKS["figures"]
housekeeping = _TASKS["housekeeping"]
