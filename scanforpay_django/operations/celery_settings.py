"""Celery settings with which nothing waits for Redis and nothing is lost with it. Imports no models.

A project's ``celery.py`` is imported before its models can be: take ``celery_settings`` from here.
"""

from collections.abc import Callable, Mapping
from typing import Any

from kombu import Queue

from scanforpay_django.periodic import DELIVER, HANDLERS, HOUSEKEEPING, PERIODIC_JOBS, POLL

#: how long one task claims; what is under way then may take one deadline more
DRAIN_SECONDS = 50.0
JSON = {"json", "application/json"}
QUEUES = (DELIVER, POLL, HANDLERS, HOUSEKEEPING)
#: the setting that says that the app has what is ours
ADDED = "scanforpay_added"
ROUTES = {
    "scanforpay_django.merchant_notify.deliver": {"queue": DELIVER},
    **{job.task_name: {"queue": job.queue} for job in PERIODIC_JOBS},
}


def celery_settings(*, default_queue: str = "celery") -> dict[str, Any]:
    """Settings for ``Celery.conf.update()``; ``default_queue`` is the project's own.

    The table is the queue. So a task may be lost, results are not kept, and a publisher gives up at once
    instead of blocking a request. A worker without ``-Q`` works on all queues; one with ``-Q scanforpay.deliver`` is
    there for merchants alone, whatever the platforms do.
    """
    names = (default_queue, *QUEUES)
    return {
        "task_default_queue": default_queue,
        "task_queues": [Queue(name, routing_key=name) for name in names],
        "task_routes": dict(ROUTES),
        "task_ignore_result": True,
        "result_backend": None,
        "accept_content": ["json"],
        "task_serializer": "json",
        "task_acks_late": False,
        "task_reject_on_worker_lost": False,
        "task_publish_retry": False,
        "broker_transport_options": {
            "socket_timeout": 5,
            "socket_connect_timeout": 2,
            "max_retries": 0,
            "retry_on_timeout": False,
            "health_check_interval": 25,
            # more than twice the time limit: no task runs twice because it is slow
            "visibility_timeout": 300,
        },
        "worker_prefetch_multiplier": 1,
        "task_soft_time_limit": 75,
        "task_time_limit": 90,
        # more than one send's deadline
        "worker_soft_shutdown_timeout": 20,
        "broker_connection_max_retries": None,
        "broker_connection_retry_on_startup": True,
        "worker_max_tasks_per_child": 500,
        "beat_schedule": _beat_schedule(),
    }


def _beat_schedule() -> dict[str, Any]:
    """What no worker took before the next one comes is dropped."""
    return {
        f"scanforpay-{job.name}": {
            "task": job.task_name,
            "schedule": job.seconds,
            "options": {"expires": job.seconds},
        }
        for job in PERIODIC_JOBS
    }


def add_to_celery(app: Any) -> None:
    """Add our queues, routes and beat entries to the project's own Celery app, and change nothing of what it has.

    Our tasks bring their time limits, keep no results and are JSON. Each worker of the app does our periodic work
    itself while no sweep comes, as when the broker has stopped. Call it in the project's ``celery.py``, after the
    project's own settings.
    """
    conf = app.conf
    conf.beat_schedule = {**(conf.beat_schedule or {}), **_beat_schedule()}
    routes = conf.task_routes or ()
    own = [routes] if isinstance(routes, Mapping) or callable(routes) else list(routes)
    conf.task_routes = [*own, dict(ROUTES)]
    # Without a list a worker takes the default queue alone.
    queues = list(conf.task_queues or [Queue(conf.task_default_queue, routing_key=conf.task_default_queue)])
    known = {queue.name for queue in queues}
    conf.task_queues = [*queues, *(Queue(name, routing_key=name) for name in QUEUES if name not in known)]
    conf[ADDED] = True


def _sockets_give_up(options: Mapping[str, Any]) -> bool:
    """Whether a black hole is left within seconds: Redis' own defaults wait for ever."""
    limits = (options.get("socket_timeout"), options.get("socket_connect_timeout"))
    return all(limit is not None and 0 < float(limit) <= 10 for limit in limits)


def _tasks_run_once(options: Mapping[str, Any], time_limit: float | None) -> bool:
    """Whether a task has ended before the broker hands it out again."""
    return bool(time_limit) and float(options.get("visibility_timeout", 3600)) > 2 * float(time_limit or 0)


def differences(settings: Any, *, deadline_seconds: float) -> list[str]:
    """Where a Celery app differs from ``celery_settings()`` in what matters, in words; nothing where our part was added
    to the project's own: then our tasks bring what they need.
    """
    if settings.get(ADDED):
        return []
    options = settings.broker_transport_options or {}
    longest = DRAIN_SECONDS + deadline_seconds + 5
    soft = settings.task_soft_time_limit
    promises: tuple[tuple[str, Callable[[], bool]], ...] = (
        ("accept_content is not ['json']: pickle is code execution", lambda: set(settings.accept_content) <= JSON),
        ("task_publish_retry is on: a publisher waits for Redis", lambda: not settings.task_publish_retry),
        ("broker_transport_options: socket_timeout and socket_connect_timeout of at most 10 s",
         lambda: _sockets_give_up(options)),
        ("visibility_timeout is not over twice task_time_limit: a slow task runs twice",
         lambda: _tasks_run_once(options, settings.task_time_limit)),
        (f"task_soft_time_limit is under {longest:g} s: deliveries are cut off",
         lambda: soft is None or float(soft) >= longest),
        ("worker_prefetch_multiplier is not 1: a worker hoards wake-ups",
         lambda: settings.worker_prefetch_multiplier == 1),
    )  # fmt: skip
    return [words for words, is_kept in promises if not is_kept()]


def is_swept(settings: Any) -> bool:
    """Whether beat's schedule has the sweep; another scheduler than Celery's own keeps its schedule elsewhere."""
    if "celery.beat" not in str(settings.beat_scheduler):
        return True
    entries = (settings.beat_schedule or {}).values()
    return any(entry.get("task") == "scanforpay_django.sweep" for entry in entries)
