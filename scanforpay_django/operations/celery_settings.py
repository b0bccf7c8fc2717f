"""Celery settings with which nothing waits for Redis and nothing is lost with it. Imports no models.

A project's ``celery.py`` is imported before its models can be: take ``celery_settings`` from here.
"""

from typing import Any

SWEEP_SECONDS = 5.0


def celery_settings() -> dict[str, Any]:
    """Settings for ``Celery.conf.update()``.

    The table is the queue. So a task may be lost, results are not kept, and a publisher gives up at once
    instead of blocking a request.
    """
    return {
        "task_ignore_result": True,
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
        "beat_schedule": {
            "scanforpay-sweep": {
                "task": "scanforpay_django.sweep",
                "schedule": SWEEP_SECONDS,
                "options": {"expires": SWEEP_SECONDS},
            },
            "scanforpay-reconcile": {
                "task": "scanforpay_django.reconcile",
                "schedule": SWEEP_SECONDS,
                "options": {"expires": SWEEP_SECONDS},
            },
            "scanforpay-alarms": {
                "task": "scanforpay_django.alarms",
                "schedule": 60.0,
                "options": {"expires": 60.0},
            },
            "scanforpay-housekeeping": {"task": "scanforpay_django.housekeeping", "schedule": 3600.0},
        },
    }
