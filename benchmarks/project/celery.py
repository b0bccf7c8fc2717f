"""Celery as each variant has it: ours with our settings, the others with Celery's own, or tuned."""

import importlib.util
import os

from celery import Celery

from scanforpay_django.operations.celery_settings import celery_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.project.settings")
variant = os.environ.get("BENCH_VARIANT", "ours")

app = Celery("benchmarks", broker=os.environ["REDIS_URL"])
if variant == "ours":
    app.conf.update({**celery_settings(), "beat_schedule": {}})
if variant.endswith("tuned"):
    app.conf.update(db_reuse_max=1_000_000, task_ignore_result=True, worker_prefetch_multiplier=64)
    # Where the Django fixup looks for it.
    app.conf.update(CELERY_DB_REUSE_MAX=1_000_000)
peers = ["django_webhook"] if importlib.util.find_spec("django_webhook") else []
app.autodiscover_tasks(["scanforpay_django.merchant_notify", "benchmarks.plain", *peers])
app.set_default()
