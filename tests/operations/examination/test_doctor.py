"""Misconfigurations that were made on purpose are found, each with what to do about it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import override_settings

from scanforpay_django import clock
from scanforpay_django.models import (
    BillDay,
    ChainRoot,
    HostClock,
    Partner,
    SignKey,
    Store,
    WalletAccount,
    WorkerBeat,
)
from scanforpay_django.operations.chain.follow import catch_up as link_all
from scanforpay_django.operations.chain.roots import make_root
from scanforpay_django.operations.examination.doctor import examine
from scanforpay_django.sandbox import moved_clock
from tests.merchant import Merchant
from tests.rows import Rows

pytestmark = pytest.mark.django_db
PRODUCTION = {
    "DEBUG": False,
    "SCANFORPAY_BASE_URL": "https://pay.example.com",
    "ALLOWED_HOSTS": ["pay.example.com"],
}


def problems(*, goes_online: bool = False) -> dict[str, str]:
    """Name -> what was seen; each says how to mend it."""
    found = [finding for finding in examine(goes_online=goes_online) if not finding.is_right]
    assert all(finding.text and finding.fix for finding in found)
    return {finding.name: finding.text for finding in found}


@pytest.fixture(autouse=True)
def healthy(merchant: Merchant) -> None:
    """A worker is alive, and the settings are those of production."""
    WorkerBeat.objects.record("web-1", WorkerBeat.Kind.WORKER)
    link_all()


SETTINGS: list[tuple[dict[str, Any], str]] = [
    ({"SCANFORPAY_BASE_URL": "http://pay.example.com"}, "settings E002"),
    ({"SCANFORPAY_BASE_URL": "pay.example.com"}, "settings E010"),
    ({"SCANFORPAY_BASE_URL": "https://pay.example.com:8443"}, "settings E016"),
    ({"SCANFORPAY_BASE_URL": "https://other.example.com"}, "settings E0"),
    ({"SCANFORPAY_ENCRYPTION_KEYS": ["short"]}, "settings E011"),
    ({"SCANFORPAY_WALLETS": {"Wechat": "nowhere.Wallet"}}, "settings E0"),
    ({"SCANFORPAY_WAKE_UP": "nowhere.call"}, "settings E0"),
    ({"SCANFORPAY_OUTBOUND_ALLOW": ["10.0.0.0/40"]}, "settings E014"),
    ({"SCANFORPAY_ORDER_LIFETIME_SECONDS": 1}, "settings E036"),
    ({"SCANFORPAY_NOTIFY_MAX_TRYS": 3}, "settings W037"),
    ({"SCANFORPAY_BILL_STORAGE": "nowhere"}, "settings E036"),
    ({"SCANFORPAY_METRICS_NETWORKS": ["office"]}, "settings E036"),
    ({"SCANFORPAY_NOTIFY_LEASE_SECONDS": 10}, "settings"),
]


@pytest.mark.parametrize(("changed", "name"), SETTINGS)
def test_a_wrong_setting_is_found(changed: dict[str, Any], name: str) -> None:
    with override_settings(**PRODUCTION):
        before = set(problems())
    with override_settings(**{**PRODUCTION, **changed}):
        new = set(problems()) - before
    assert any(one.startswith(name) for one in new), new


def test_a_fault_is_said_once() -> None:
    with override_settings(**{**PRODUCTION, "SCANFORPAY_BASE_URL": "http://pay.example.com:8443"}):
        texts = [finding.text for finding in examine(goes_online=False) if not finding.is_right]
    assert len(texts) == len(set(texts)) >= 2


def take_a_key(settings: Any) -> None:
    SignKey.objects.update(secret_ciphertext="gAAAA-of-another-key")


def end_all_workers(settings: Any) -> None:
    WorkerBeat.objects.update(at=clock.now() - timedelta(minutes=11))


def set_a_clock_wrong(settings: Any) -> None:
    HostClock.objects.record("web-2", 95)


def stop_redis(settings: Any) -> None:
    settings.SCANFORPAY_LIMITS_REDIS_URL = "redis://127.0.0.1:1/0"


def stop_mail(settings: Any) -> None:
    Partner.objects.update(contact_email="shop@example.com")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1


def end_a_certificate(settings: Any) -> None:
    WalletAccount.objects.update(certificates_end_at=clock.now() + timedelta(days=3))


def keep_no_bills(settings: Any) -> None:
    settings.SCANFORPAY_BILL_STORAGE = ""


def miss_a_bill(settings: Any) -> None:
    account = WalletAccount.objects.earliest("pk")
    BillDay.objects.create(
        merchant="m",
        account=account,
        bill_type="trade",
        day=clock.now().date(),
        state="late",
        next_at=clock.now(),
    )


def link_nothing(settings: Any) -> None:
    moved_clock.forward(timedelta(hours=2))


def mail_no_root(settings: Any) -> None:
    settings.SCANFORPAY_CHAIN_MAIL_TO = ["books@example.com"]
    root = make_root(clock.host_now().date())
    ChainRoot.objects.filter(pk=root.pk).update(made_at=clock.host_now() - timedelta(hours=2))


def stop_payments(settings: Any) -> None:
    Store.objects.update(stops_payments=True)


def switch_accounts_off(settings: Any) -> None:
    WalletAccount.objects.update(is_active=False)


@pytest.mark.parametrize(
    ("seed", "name", "text"),
    [
        (take_a_key, "keys", "cannot be decrypted"),
        (end_all_workers, "workers", "No worker is alive"),
        (set_a_clock_wrong, "clock", "web-2 is +95 s"),
        (stop_redis, "redis", "does not answer"),
        (stop_mail, "mail", "ConnectionRefusedError"),
        (end_a_certificate, "certificates", "ends at"),
        (keep_no_bills, "bills", "not fetched"),
        (miss_a_bill, "bills", "1 bill did not come"),
        (link_nothing, "chain", "all rows were linked last"),
        (mail_no_root, "chain", "1 root of the chain was not mailed"),
        (stop_payments, "merchants", "stopped everywhere"),
        (switch_accounts_off, "merchants", "No store has"),
    ],
)
def test_what_is_wrong_is_found(settings: Any, seed: Callable[[Any], None], name: str, text: str) -> None:
    assert name not in problems()
    seed(settings)
    assert text in problems()[name]


def test_a_notification_that_nobody_delivers_is_found(rows: Rows) -> None:
    rows.notification("http://127.0.0.1:81/", next_at=clock.now() - timedelta(minutes=11))
    assert "nothing was sent for minutes" in problems()["queue"]


def test_an_address_that_is_not_reached_is_found(settings: Any) -> None:
    settings.SCANFORPAY_BASE_URL = "http://127.0.0.1:1"
    assert "address" in problems(goes_online=True)
