"""Misconfigurations of the address, the keys and the mount have ids and hints."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import clear_url_caches

from scanforpay_django import checks


def ids(check: Callable[[], list[Any]]) -> list[str]:
    return [message.id for message in check()]


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("https://pay.example.com", []),
        ("https://pay.example.com/shop/", []),
        ("pay.example.com", ["scanforpay.E010"]),
        ("https://pay.example.com/?a=1", ["scanforpay.E010"]),
        ("ftp://pay.example.com", ["scanforpay.E010"]),
    ],
)
def test_a_base_url_is_an_address(settings: Any, address: str, found: list[str]) -> None:
    settings.SCANFORPAY_BASE_URL = address
    assert ids(checks.check_base_url) == found


def test_a_key_that_is_no_key_is_found_and_not_shown(settings: Any) -> None:
    settings.SCANFORPAY_ENCRYPTION_KEYS = ["not-a-key-of-fernet"]
    (found,) = checks.check_encryption_keys()
    assert found.id == "scanforpay.E011"
    assert "not-a-key" not in f"{found.msg}{found.hint}"


def test_paths_that_cannot_be_imported_are_found(settings: Any) -> None:
    settings.SCANFORPAY_WALLETS = {"Wechat": "scanforpay_django.nowhere.Wallet"}
    settings.SCANFORPAY_WAKE_UP = "scanforpay_django.nowhere.wake_up"
    assert ids(checks.check_paths) == ["scanforpay.E012", "scanforpay.E013"]


def test_an_entry_that_is_no_network_is_found(settings: Any) -> None:
    settings.SCANFORPAY_OUTBOUND_ALLOW = ["10.0.0.0/99"]
    assert ids(checks.check_allow_list) == ["scanforpay.E014"]


@pytest.mark.parametrize(("mount", "found"), [("inside", ["scanforpay.E041"]), ("outside", [])])
def test_an_api_with_a_path_for_each_language_is_found(settings: Any, mount: str, found: list[str]) -> None:
    settings.ROOT_URLCONF = f"tests.package.mounts.{mount}"
    clear_url_caches()
    assert ids(checks.check_language_prefix) == found


def test_an_app_that_is_mounted_nowhere_is_found(settings: Any) -> None:
    assert ids(checks.check_mount) == []
    settings.ROOT_URLCONF = "django.contrib.auth.urls"
    clear_url_caches()
    assert ids(checks.check_mount) == ["scanforpay.W015"]
