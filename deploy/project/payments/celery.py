"""Its Celery app: ``celery -A payments worker --beat``. Used when REDIS_URL is set."""

import os

from celery import Celery

from scanforpay_django.operations.celery_settings import add_to_celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "payments.settings")

app = Celery("payments", broker=os.environ.get("REDIS_URL", ""))
add_to_celery(app)
app.autodiscover_tasks(["scanforpay_django", "scanforpay_django.merchant_notify"])
