"""The pytest plugin: ``scanforpay_sandbox``, the platforms of the sandbox in the tests of your own project.

pytest imports this module wherever the package is installed, in projects without Django too. So it imports pytest
alone, and Django and the sandbox when a collected test asks for the fixture; where something is missing the test is
skipped, and says what to do. ``scanforpay_django.sandbox.testing`` has what the fixture can do.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from scanforpay_django.sandbox.testing import Sandbox

FIXTURE = "scanforpay_sandbox"
APPS = ("scanforpay_django", "scanforpay_django.sandbox")
#: pytest-django by its entry point, and where entry points are not loaded by -p or pytest_plugins
PYTEST_DJANGO = ("django", "pytest_django.plugin")

NO_PYTEST_DJANGO = f"{FIXTURE} needs pytest-django: run pip install pytest-django."
NO_SETTINGS = f"{FIXTURE} needs Django's settings: set DJANGO_SETTINGS_MODULE in pytest's configuration."
NO_APP = f'{FIXTURE} needs "%s": add it to INSTALLED_APPS in the settings that your tests use.'
NO_PAGES = (
    f"{FIXTURE} needs the pay pages: "
    'add path("api/", include("scanforpay_django.urls")) to the urlpatterns of your project.'
)

_folder = pytest.StashKey[tempfile.TemporaryDirectory[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Give the fixture the form that fits: without pytest-django it may not name the fixtures of pytest-django."""
    fixture = _WithPytestDjango() if _has_pytest_django(config) else _WithoutPytestDjango()
    config.pluginmanager.register(fixture, f"{FIXTURE} fixture")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Before the first test makes the test database."""
    is_wanted = any(FIXTURE in getattr(item, "fixturenames", ()) for item in session.items)
    if not is_wanted or not _has_pytest_django(session.config) or _missing():
        return
    from scanforpay_django.sandbox.opening import keep_sqlite_in_files  # noqa: PLC0415

    folder = tempfile.TemporaryDirectory(prefix="scanforpay-", ignore_cleanup_errors=True)
    session.config.stash[_folder] = folder
    keep_sqlite_in_files(Path(folder.name))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the folder of the test databases."""
    if _folder in config.stash:
        config.stash[_folder].cleanup()


# Of the session: before the server starts and the database is made for nothing.
@pytest.fixture(scope="session")
def _scanforpay_sandbox_is_installed() -> None:
    if missing := _missing():
        pytest.skip(missing)


class _WithPytestDjango:
    @pytest.fixture
    def scanforpay_sandbox(
        self, _scanforpay_sandbox_is_installed: None, live_server: Any, settings: Any
    ) -> "Iterator[Sandbox]":
        """The platforms, which pay and misbehave on demand: ``scanforpay_sandbox.pay(order)``."""
        from django.urls import NoReverseMatch, reverse  # noqa: PLC0415

        from scanforpay_django.sandbox.opening import open_sandbox  # noqa: PLC0415

        try:
            reverse("scanforpay:pay", args=["token"])
        except NoReverseMatch:
            pytest.skip(NO_PAGES)
        with open_sandbox(live_server.url, settings) as sandbox:
            yield sandbox


class _WithoutPytestDjango:
    @pytest.fixture
    def scanforpay_sandbox(self) -> None:
        """The platforms, as a test handles them: needs pytest-django."""
        pytest.skip(NO_PYTEST_DJANGO)


def _has_pytest_django(config: pytest.Config) -> bool:
    return any(config.pluginmanager.hasplugin(name) for name in PYTEST_DJANGO)


def _missing() -> str:
    """What to do before the sandbox can run, "" when it can."""
    conf = sys.modules.get("django.conf")
    if not (os.environ.get("DJANGO_SETTINGS_MODULE") or (conf and conf.settings.configured)):
        return NO_SETTINGS
    from django.apps import apps  # noqa: PLC0415

    return next((NO_APP % name for name in APPS if not apps.is_installed(name)), "")
