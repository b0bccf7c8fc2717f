"""A router may lead our tables to another database than the project's own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.chaos.services import ROOT, Postgres


def run_story(directory: Path, url: str = "") -> str:
    """What the story printed."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.routed.settings",
        "ROUTED_DIRECTORY": str(directory),
        "ROUTED_DATABASE_URL": url,
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "tests.routed.story"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.mark.sqlite
def test_a_second_file_of_sqlite(tmp_path: Path) -> None:
    assert "paid, notified, refunded" in run_story(tmp_path)


@pytest.mark.postgres
def test_postgresql_beside_a_project_on_sqlite(tmp_path: Path) -> None:
    with Postgres() as postgres:
        assert "paid, notified, refunded" in run_story(tmp_path, postgres.url)
