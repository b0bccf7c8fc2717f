"""Whether an installation is ready; tests/health has it through its page."""

import pytest
from django.db import OperationalError
from django.db.migrations.recorder import MigrationRecorder

from scanforpay_django.operations.examination import readiness
from scanforpay_django.operations.examination.readiness import examine_readiness

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def known_migrations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is remembered from before."""
    monkeypatch.setattr(readiness, "_migrations", readiness._KnownMigrations())


def test_a_migration_that_is_not_applied_is_counted() -> None:
    newest = MigrationRecorder.Migration.objects.filter(app="scanforpay").latest("pk")
    newest.delete()
    found = {finding.name: finding for finding in examine_readiness()}
    assert not found["migrations"].is_right
    assert found["migrations"].fix == "Run manage.py migrate."


def test_a_database_that_is_away_is_the_only_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise OperationalError("could not connect to 10.0.0.7 as scanforpay")

    monkeypatch.setattr("django.db.models.sql.compiler.SQLCompiler.execute_sql", fail)
    (found,) = examine_readiness()
    assert (found.name, found.is_right) == ("database", False)
    assert "10.0.0.7" not in found.text
