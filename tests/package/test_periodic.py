"""The table of periodic jobs: the worker, the Celery tasks, their routes and beat's schedule are made from it."""

from django.utils.module_loading import import_string

from scanforpay_django import tasks
from scanforpay_django.operations.celery_settings import ROUTES, celery_settings
from scanforpay_django.operations.worker import periodic_jobs
from scanforpay_django.periodic import PERIODIC_JOBS

SCHEDULE = {
    "sweep": 5.0,
    "poll_platforms": 5.0,
    "handlers": 5.0,
    "alarms": 60.0,
    "postings": 60.0,
    "chain": 30.0,
    "reconcile": 300.0,
    "bill_fees": 300.0,
    "figures": 60.0,
    "housekeeping": 3600.0,
}

WORKER = {
    "poll_platforms": 0.0,
    "mail_partners": 10.0,
    "post_in_turn": 20.0,
    "link_in_turn": 15.0,
    "publish_roots": 15.0,
    "reconcile_due": 300.0,
    "bring_back_due": 300.0,
    "post_bills": 60.0,
    "follow_in_turn": 20.0,
    "forget_sign_ins": 3600.0,
    "prune_answers": 3600.0,
    "forget_requests": 3600.0,
    "forget_visits": 3600.0,
    "forget_bill_lines": 3600.0,
    "forget_platform_minutes": 3600.0,
    "tidy_up": 3600.0,
}


def test_every_job_is_a_task_with_a_route_and_a_place_in_the_schedule() -> None:
    schedule = celery_settings()["beat_schedule"]
    for job in PERIODIC_JOBS:
        task = getattr(tasks, job.name)
        entry = {"task": task.name, "schedule": job.seconds, "options": {"expires": job.seconds}}
        assert ROUTES[task.name] == {"queue": job.queue}
        assert schedule[f"scanforpay-{job.name}"] == entry
        assert (task.ignore_result, task.acks_late) == (True, False)
    assert len(schedule) == len(PERIODIC_JOBS)


def test_how_often_they_are_done() -> None:
    assert {job.name: job.seconds for job in PERIODIC_JOBS} == SCHEDULE
    found = {path.rpartition(".")[2]: import_string(path) for job in PERIODIC_JOBS for path in job.functions}
    assert [(job.work, job.every_seconds) for job in periodic_jobs()] == [
        (found[name], seconds) for name, seconds in WORKER.items()
    ]
