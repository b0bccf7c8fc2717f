"""Settings that nothing reads, and values that cannot be used."""

from typing import Any

import pytest

from scanforpay_django.settings_checks import SETTING_KINDS, check_settings
from tests.package.test_settings_table import settings_read


def test_every_setting_has_its_kind() -> None:
    assert sorted(f"SCANFORPAY_{name}" for name in SETTING_KINDS) == settings_read()


def test_the_tests_own_settings_pass() -> None:
    assert check_settings() == []


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("SCANFORPAY_BASEURL", "SCANFORPAY_BASE_URL"),
        ("SCANFORPAY_ENCRYPTION_KEY", "SCANFORPAY_ENCRYPTION_KEYS"),
        ("SCANFORPAY_TRUSTED_PROXY", "SCANFORPAY_TRUSTED_PROXIES"),
        ("SCANFORPAY_XYZ", "docs/set-up.md"),
    ],
)
def test_a_misspelt_name_is_found(settings: Any, name: str, meant: str) -> None:
    setattr(settings, name, "x")
    (found,) = check_settings()
    assert found.id == "scanforpay.W037"
    assert name in found.msg
    assert meant in str(found.hint)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ORDER_LIFETIME_SECONDS", "30m"),
        ("ORDER_LIFETIME_SECONDS", 30),
        ("ORDER_LIFETIME_SECONDS", True),
        ("NOTIFY_ENDPOINT_CAP", 0),
        ("NOTIFY_DEADLINE_SECONDS", "15"),
        ("NOTIFY_CONCURRENCY", -1),
        ("ENCRYPTION_KEYS", "one-key"),
        ("OUTBOUND_ALLOW", "127.0.0.0/8"),
        ("ALLOW_HTTP", "no"),
        ("TRUSTED_PROXIES", -1),
        ("WALLETS", ["Wechat"]),
        ("WAKE_UP", lambda: None),
    ],
)
def test_a_value_that_cannot_be_used_is_named_and_not_shown(settings: Any, name: str, value: Any) -> None:
    setattr(settings, f"SCANFORPAY_{name}", value)
    (found,) = check_settings()
    assert found.id == "scanforpay.E036"
    assert f"SCANFORPAY_{name}" in found.msg
    assert "one-key" not in found.msg


def test_a_shop_on_this_machine_may_be_notified_with_debug(settings: Any) -> None:
    from scanforpay_django.transport import UrlRefused, parse_url

    del settings.SCANFORPAY_OUTBOUND_ALLOW
    settings.DEBUG = True
    for url in ("http://localhost:8000/n", "http://127.0.0.1:8000/n", "http://[::1]:9000/n"):
        assert parse_url(url, purpose="notify").port in (8000, 9000)
    with pytest.raises(UrlRefused):
        parse_url("http://10.0.0.1/n", purpose="notify")
    settings.DEBUG = False
    with pytest.raises(UrlRefused):
        parse_url("http://localhost:8000/n", purpose="notify")


def test_a_storage_of_bills_has_to_be_there(settings: Any) -> None:
    settings.SCANFORPAY_BILL_STORAGE = "nowhere"
    (found,) = check_settings()
    assert (found.id, "'nowhere'" in found.msg) == ("scanforpay.E036", True)
    settings.SCANFORPAY_BILL_STORAGE = ""
    assert check_settings() == []


def test_networks_are_networks(settings) -> None:
    settings.SCANFORPAY_METRICS_NETWORKS = ["10.0.0.0/8", "192.0.2.7"]
    assert "E036" not in str(check_settings())
    settings.SCANFORPAY_METRICS_NETWORKS = ["office"]
    assert "'office'" in str(check_settings())
