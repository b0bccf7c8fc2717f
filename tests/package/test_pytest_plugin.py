"""The pytest plugin, in folders that are not ours: pytest itself is run there."""

import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from scanforpay_django import pytest_plugin
from tests.package.test_package import wheel

__all__ = ["wheel"]
# Each test starts pytest anew.
pytestmark = [pytest.mark.slow, pytest.mark.sqlite]

NAME = "scanforpay_django.pytest_plugin"
PAGE = Path(__file__).parents[2] / "docs" / "checkout.md"
PLAIN = """
def test_plain():
    assert 1 + 1 == 2

def test_of_an_order(scanforpay_sandbox):
    raise AssertionError("not skipped")
"""
#: what comes with it, of Django and of ours
IMPORTS = f"""
import sys
import pytest
before = set(sys.modules)
import {NAME}
loaded = set(sys.modules) - before
print(*sorted(name for name in loaded if name.startswith(("django", "scanforpay", "rest_framework"))))
"""
#: what the page's test is about
SALE = """
from django.db import models

class Sale(models.Model):
    number = models.CharField(max_length=32)
    paid = models.BooleanField(default=False)
"""
URLS = """
from django.urls import include
urlpatterns += [path("api/", include("scanforpay_django.urls"))]
"""
APPS = 'INSTALLED_APPS += ["scanforpay_django", "scanforpay_django.sandbox", "shop"]\n'
#: a project that is set up for production and tested as it is, in memory
STRICT = """
DEBUG = False
ALLOWED_HOSTS = ["shop.example.com"]
SECURE_SSL_REDIRECT = True
SCANFORPAY_WAKE_UP = "celery"
DATABASES["default"]["NAME"] = ":memory:"
"""
#: a test runner of a project's own: pytest after Django
INSIDE = """
import sys
import django
django.setup()
import pytest
sys.exit(pytest.main(sys.argv[1:]))
"""


class Folder:
    """A place where pytest runs as it does for somebody else."""

    def __init__(self, path: Path) -> None:
        self.path = path
        ours = ("PYTEST", "DJANGO_", "PYTHONPATH", "COV")
        self.env = {name: value for name, value in os.environ.items() if not name.startswith(ours)}

    def write(self, name: str, text: str) -> None:
        """At the end of a file, which is made where there is none."""
        with (self.path / name).open("a", encoding="utf-8") as file:
            file.write(text)

    def python(self, *arguments: str) -> str:
        """What it prints. It has to end well."""
        ran = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.path, env=self.env, capture_output=True, text=True, timeout=150,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout + ran.stderr

    def pytest(self, *arguments: str) -> str:
        """Warnings are errors, and what is skipped is told."""
        return self.python("-m", "pytest", "-q", "-rs", "-W", "error", "-p", "no:cacheprovider", *arguments)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """An empty one."""
    return Folder(tmp_path)


@pytest.fixture
def new_project(folder: Folder) -> Callable[..., Folder]:
    """Starts a Django project with the handler and the test of docs/checkout.md."""

    def start(settings: str = APPS, urls: str = URLS) -> Folder:
        _create, handler, _refund, test = re.findall(
            r"^```python\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL
        )
        folder.python("-m", "django", "startproject", "shop", ".")
        folder.write("shop/settings.py", settings)
        folder.write("shop/urls.py", urls)
        folder.write("shop/models.py", SALE)
        folder.write("shop/scanforpay.py", handler)
        folder.write("test_shop.py", test)
        folder.write("pytest.ini", "[pytest]\nDJANGO_SETTINGS_MODULE = shop.settings\n")
        return folder

    return start


def test_pytest_finds_it_by_entry_point() -> None:
    """Where this fails alone the package was installed before it had the plugin: install it again."""
    assert [entry.value for entry in entry_points(group="pytest11", name=NAME)][:1] == [NAME]


def test_it_imports_neither_django_nor_ours(folder: Folder) -> None:
    assert folder.python("-c", IMPORTS).split() == ["scanforpay_django", NAME]


@pytest.mark.parametrize("without", [("-p", "no:django"), ("-p", "no:django", "-n", "2")])
def test_a_folder_without_django_stays_green(folder: Folder, without: tuple[str, ...]) -> None:
    folder.write("test_plain.py", PLAIN)
    told = folder.pytest(*without)
    assert "1 passed, 1 skipped" in told
    assert pytest_plugin.NO_PYTEST_DJANGO in told


def test_pytest_alone_imports_no_django(folder: Folder) -> None:
    folder.write(
        "test_modules.py",
        """
import sys

def test_modules():
    assert not [name for name in sys.modules if name.split(".")[0] == "django"]
    ours = sorted(name for name in sys.modules if name.split(".")[0] == "scanforpay_django")
    assert ours == ["scanforpay_django", "scanforpay_django.pytest_plugin"]
""",
    )
    # The plugins of others are not on trial.
    folder.env["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    assert "1 passed" in folder.pytest("-p", NAME)


def test_without_settings_it_says_where_they_go(folder: Folder) -> None:
    folder.write("test_plain.py", PLAIN)
    told = folder.pytest()
    assert "1 passed, 1 skipped" in told
    assert pytest_plugin.NO_SETTINGS in told


@pytest.mark.slow
@pytest.mark.parametrize("option", [(), ("-n", "2"), ("--reuse-db",)], ids=["alone", "xdist", "reuse-db"])
def test_the_page_leads_to_a_paid_order(new_project: Callable[..., Folder], option: tuple[str, ...]) -> None:
    assert "1 passed" in new_project().pytest(*option)


@pytest.mark.slow
def test_a_project_as_in_production_needs_no_other_settings(new_project: Callable[..., Folder]) -> None:
    assert "1 passed" in new_project(APPS + STRICT).pytest()


@pytest.mark.slow
@pytest.mark.parametrize("plugin", ["scanforpay_django.sandbox.testing", NAME])
def test_a_conftest_may_name_it_still(new_project: Callable[..., Folder], plugin: str) -> None:
    project = new_project()
    project.write("conftest.py", f'pytest_plugins = ["{plugin}"]\n')
    assert "1 passed" in project.pytest()


@pytest.mark.slow
def test_what_is_missing_is_said(new_project: Callable[..., Folder]) -> None:
    project = new_project()
    project.write(
        "without_sandbox.py",
        'from shop.settings import *\nINSTALLED_APPS.remove("scanforpay_django.sandbox")\n',
    )
    project.write("without_pages.py", 'from shop.settings import *\nROOT_URLCONF = "empty"\n')
    project.write("empty.py", "urlpatterns = []\n")
    for settings, sentence in (
        ("without_sandbox", pytest_plugin.NO_APP % "scanforpay_django.sandbox"),
        ("without_pages", pytest_plugin.NO_PAGES),
    ):
        told = project.pytest("--ds", settings)
        assert "1 skipped" in told
        assert sentence in told


@pytest.mark.slow
def test_the_wheel_brings_it_to_a_runner_that_starts_pytest_after_django(
    wheel: Path, new_project: Callable[..., Folder]
) -> None:
    """pytest warns of a plugin's package that is imported already."""
    project = new_project()
    site = project.path / "site"
    install = ["-m", "pip", "install", "-q", "--no-deps", "--target", str(site), str(wheel)]
    project.python(*install)
    archive = zipfile.ZipFile(wheel)
    (entries,) = [name for name in archive.namelist() if name.endswith("entry_points.txt")]
    assert f"{NAME} = {NAME}" in archive.read(entries).decode()
    project.env |= {
        "PYTHONPATH": f"{site}{os.pathsep}{project.path}",
        "DJANGO_SETTINGS_MODULE": "shop.settings",
    }
    told = project.python("-c", INSIDE, "-q", "-W", "error", "-p", "no:cacheprovider", "test_shop.py")
    assert "1 passed" in told
    assert str(site) in project.python("-c", f"import {NAME} as plugin; print(plugin.__file__)")
