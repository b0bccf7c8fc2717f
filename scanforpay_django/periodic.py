"""What is done from time to time: one table for the worker, the Celery tasks, their routes and beat's schedule.

A function is named by its dotted path: a project's ``celery.py`` reads the table before models can be imported.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.module_loading import import_string

DELIVER, POLL, HOUSEKEEPING = "scanforpay.deliver", "scanforpay.poll_platforms", "scanforpay.housekeeping"
HANDLERS = "scanforpay.handlers"


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
    # the project's own functions: the worker gives them a thread of their own
    PeriodicJob(
        name="handlers",
        functions=("scanforpay_django.flows.call_handlers.call_handlers",),
        seconds=5.0,
        worker_seconds=None,
        queue=HANDLERS,
    ),
    PeriodicJob(
        name="alarms",
        functions=("scanforpay_django.operations.alarms.mail_partners",),
        seconds=60.0,
        worker_seconds=10.0,
        queue=HOUSEKEEPING,
    ),
    # the ledger
    PeriodicJob(
        name="postings",
        functions=("scanforpay_django.books.follow.post_in_turn",),
        seconds=60.0,
        worker_seconds=20.0,
        queue=HOUSEKEEPING,
    ),
    # the chain over rows that stay as they are
    PeriodicJob(
        name="chain",
        functions=(
            "scanforpay_django.operations.chain.follow.link_in_turn",
            "scanforpay_django.operations.chain.roots.publish_roots",
        ),
        seconds=30.0,
        worker_seconds=15.0,
        queue=HOUSEKEEPING,
    ),
    # platforms' bills
    PeriodicJob(
        name="reconcile",
        functions=(
            "scanforpay_django.books.bill_schedule.reconcile_due",
            "scanforpay_django.operations.recovery.bills.bring_back_due",
        ),
        seconds=300.0,
        worker_seconds=300.0,
        queue=HOUSEKEEPING,
    ),
    # fees that bills say
    PeriodicJob(
        name="bill_fees",
        functions=("scanforpay_django.operations.figures.bill_days.post_bills",),
        seconds=300.0,
        worker_seconds=60.0,
        queue=HOUSEKEEPING,
    ),
    # the overview's
    PeriodicJob(
        name="figures",
        functions=("scanforpay_django.operations.figures.follow.follow_in_turn",),
        seconds=60.0,
        worker_seconds=20.0,
        queue=HOUSEKEEPING,
    ),
    PeriodicJob(
        name="housekeeping",
        functions=(
            "scanforpay_django.operations.housekeeping.forget_sign_ins",
            "scanforpay_django.operations.housekeeping.prune_answers",
            "scanforpay_django.operations.housekeeping.forget_requests",
            "scanforpay_django.operations.housekeeping.forget_visits",
            "scanforpay_django.operations.housekeeping.forget_bill_lines",
            "scanforpay_django.operations.platform_minutes.forget_platform_minutes",
            "scanforpay_django.operations.figures.follow.tidy_up",
        ),
        seconds=3600.0,
        worker_seconds=3600.0,
        queue=HOUSEKEEPING,
    ),
)
