"""Celery's programs, as a project starts them."""

import os
import sys
from pathlib import Path

from django.db import connection

ROOT = Path(__file__).resolve().parents[1]


def celery(*arguments: str) -> list[str]:
    """A command line of the demo's app."""
    return [sys.executable, "-m", "celery", "-A", "demo_project", *arguments]


def database_url() -> str:
    """Of the test's own database: a server's."""
    database = connection.settings_dict
    scheme, port = {"mysql": ("mysql", 3306)}.get(connection.vendor, ("postgres", 5432))
    return f"{scheme}://{database['USER']}@{database['HOST']}:{database['PORT'] or port}/{database['NAME']}"


def celery_env(redis_url: str, **more: str) -> dict[str, str]:
    """With it a process works on the test's own database."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "TEST_DATABASE_URL": database_url(),
        "REDIS_URL": redis_url,
        "PYTHONPATH": str(ROOT),
        **more,
    }
