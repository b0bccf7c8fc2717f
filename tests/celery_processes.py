"""Celery's programs, as a project starts them."""

import os
import sys
from pathlib import Path

from django.db import connection

ROOT = Path(__file__).resolve().parents[1]


def celery(*arguments: str) -> list[str]:
    """A command line of the demo's app."""
    return [sys.executable, "-m", "celery", "-A", "demo_project", *arguments]


def celery_env(redis_url: str, **more: str) -> dict[str, str]:
    """With it a process works on the test's own database."""
    database = connection.settings_dict
    url = f"postgres://{database['USER']}@{database['HOST']}:{database['PORT'] or 5432}/{database['NAME']}"
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "TEST_DATABASE_URL": url,
        "REDIS_URL": redis_url,
        "PYTHONPATH": str(ROOT),
        **more,
    }
