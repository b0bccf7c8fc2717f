"""With a replica, whatever this package reads comes from the primary."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

from scanforpay_django.primary import PrimaryForeignKey, PrimaryModel, PrimaryOneToOneField, PrimaryQuerySet
from tests.chaos.services import ROOT, Postgres

OURS = [
    *apps.get_app_config("scanforpay").get_models(),
    *apps.get_app_config("scanforpay_sandbox").get_models(),
]


def run_story(directory: Path, *urls: str) -> str:
    """What the story printed."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.replicated.settings",
        "REPLICATED_DIRECTORY": str(directory),
        "REPLICATED_DATABASE_URLS": " ".join(urls),
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "tests.replicated.story"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=170)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.mark.parametrize("model", OURS)
def test_every_table_is_read_where_it_is_written(model: type[models.Model]) -> None:
    assert issubclass(model, PrimaryModel)
    for manager in (model._default_manager, model._base_manager):
        assert isinstance(manager.all(), PrimaryQuerySet)
    keys = [field for field in model._meta.concrete_fields if field.related_model in OURS]
    assert all(isinstance(key, PrimaryForeignKey | PrimaryOneToOneField) for key in keys)


@pytest.mark.sqlite
def test_an_empty_replica_of_sqlite_is_never_asked(tmp_path: Path) -> None:
    assert "nothing asked of the replica" in run_story(tmp_path)


@pytest.mark.postgres
def test_an_empty_replica_of_postgresql_is_never_asked(tmp_path: Path) -> None:
    with Postgres() as postgres:
        other = postgres.url.rpartition("/")[0] + "/template1"
        assert "nothing asked of the replica" in run_story(tmp_path, postgres.url, other)
