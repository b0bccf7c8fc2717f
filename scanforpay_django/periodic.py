"""What is done from time to time: one table for the worker, the Celery tasks, their routes and beat's schedule.

A function is named by its dotted path: a project's ``celery.py`` reads the table before models can be imported.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.module_loading import import_string

DELIVER, POLL, HOUSEKEEPING = "scanforpay.deliver", "scanforpay.poll_platforms", "scanforpay.housekeeping"


@dataclass(frozen=True, kw_only=True)
class PeriodicJob:
    """One row of the table."""

    name: str
    # dotted paths; a function returns at once when nothing is to be done, and True while there is more to be done
    functions: tuple[str, ...]
    # beat asks for the task so often
    seconds: float
    # the worker calls the functions so often, 0 for every round; None: it does the same in its own loop
    worker_seconds: float | None
    # of Celery
    queue: str

    @property
    def task_name(self) -> str:
        """What the Celery task is called."""
        return f"scanforpay_django.{self.name}"

    def load(self) -> tuple[Callable[[], object], ...]:
        """The functions themselves. Needs Django's models."""
        return tuple(import_string(path) for path in self.functions)


PERIODIC_JOBS = (
    # retries that are due, rows of workers that died, wake-ups that were lost
    PeriodicJob(
        name="sweep",
        functions=("scanforpay_django.merchant_notify.tasks.deliver_due",),
        seconds=5.0,
        worker_seconds=None,
        queue=DELIVER,
    ),
    PeriodicJob(
        name="poll_platforms",
        functions=("scanforpay_django.flows.poll_platforms.poll_platforms",),
        seconds=5.0,
        worker_seconds=0.0,
        queue=POLL,
    ),
    PeriodicJob(
        name="alarms",
        functions=("scanforpay_django.operations.alarms.mail_partners",),
        seconds=60.0,
        worker_seconds=10.0,
        queue=HOUSEKEEPING,
    ),
    PeriodicJob(
        name="housekeeping",
        functions=(
            "scanforpay_django.operations.housekeeping.forget_sign_ins",
            "scanforpay_django.operations.housekeeping.prune_answers",
            "scanforpay_django.operations.housekeeping.forget_requests",
        ),
        seconds=3600.0,
        worker_seconds=3600.0,
        queue=HOUSEKEEPING,
    ),
)
