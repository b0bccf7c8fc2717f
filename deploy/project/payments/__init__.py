"""The payment service. With REDIS_URL its Celery app is there as soon as Django is."""

import os

__all__: tuple[str, ...] = ()

if os.environ.get("REDIS_URL"):
    from payments.celery import app as celery_app

    __all__ = ("celery_app",)
