"""One project for all variants, on PostgreSQL and Redis that the benchmark starts."""

import importlib.util
import os

import dj_database_url

from demo_project.settings import *  # noqa: F403
from demo_project.settings import SQLITE_OPTIONS

DEBUG = False
SCANFORPAY_ENCRYPTION_KEYS = ["Zm9yLXRlc3RzLW9ubHktMzItYnl0ZXMtbG9uZy1rZXk="]
SCANFORPAY_BASE_URL = "https://pay.example.com"
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "scanforpay_django",
    "benchmarks.plain",
]
ROOT_URLCONF = "scanforpay_django.urls"
# The demo's middleware belongs to apps that are not installed here.
MIDDLEWARE: list[str] = []
if importlib.util.find_spec("django_webhook"):
    INSTALLED_APPS += ["django_webhook"]
DJANGO_WEBHOOK = {"MODELS": [], "ADMIN_SITE": None}
# As a project has it that was told so; Celery closes the connection after every task all the same.
DATABASES = {"default": dj_database_url.parse(os.environ["DATABASE_URL"], conn_max_age=60)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = SQLITE_OPTIONS
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "bills": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": os.environ.get("BENCH_BILLS", "")},
    },
}
