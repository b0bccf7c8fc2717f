"""Where django-otp is installed, a password alone does not open staff's pages."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin import AdminSite
from django.contrib.admin.sites import all_sites

from scanforpay_django.admin import register
from scanforpay_django.staff_checks import check_second_factor


def found() -> list[str]:
    return [message.msg.split("'")[1] for message in check_second_factor() if message.id == "scanforpay.W043"]


@pytest.fixture
def otp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The package's name and the class that it has for admin; the package itself is no dependency."""
    package = tmp_path / "django_otp"
    package.mkdir()
    (package / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))


@pytest.fixture
def desk() -> Iterator[Any]:
    """Makes sites with our pages, which are gone afterwards. Those of other tests are not there meanwhile."""
    made: list[AdminSite] = []
    others = [one for one in all_sites if one.name != "admin"]
    for site in others:
        all_sites.discard(site)

    def make(kind: type[AdminSite], name: str) -> None:
        made.append(kind(name=name))
        register(made[-1])

    yield make
    for site in made:
        all_sites.discard(site)
    for site in others:
        all_sites.add(site)


def test_nothing_is_asked_for_where_it_is_not_installed() -> None:
    assert found() == []


def test_each_site_with_our_pages_is_named(otp: None, desk: Any) -> None:
    desk(AdminSite, "desk")
    empty = AdminSite(name="empty")
    assert found() == ["admin", "desk"]
    all_sites.discard(empty)


def test_a_site_that_asks_is_not_named(otp: None, desk: Any) -> None:
    asking = type("OTPAdminSite", (AdminSite,), {"__module__": "django_otp.admin"})
    desk(type("Desk", (asking,), {}), "desk")
    assert found() == ["admin"]


def test_a_project_without_admin_has_no_such_site(otp: None, settings: Any) -> None:
    settings.INSTALLED_APPS = [one for one in settings.INSTALLED_APPS if one != "django.contrib.admin"]
    assert found() == []
