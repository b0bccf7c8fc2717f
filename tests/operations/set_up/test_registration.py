"""What has to be registered at the platforms, and what `manage.py check` says of it."""

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from scanforpay_django.models import WalletAccount
from tests.merchant import Merchant

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

GOOD = "https://pay.example.com"


@pytest.fixture(autouse=True)
def production(settings) -> None:
    """A project as it should be."""
    settings.DEBUG = False
    settings.SCANFORPAY_BASE_URL = GOOD
    settings.ALLOWED_HOSTS = ["pay.example.com", "testserver"]


def found(*, deploy: bool = False) -> set[str]:
    """The ids of our messages about addresses."""
    numbers = ("002", "016", "017", "018", "019", "020")
    ids = {str(message.id) for message in run_checks(include_deployment_checks=deploy)}
    return {one for one in ids if one.startswith("scanforpay.") and one[-3:] in numbers}


def registered(merchant: Merchant, wallet: str = "Wechat", **config: str) -> WalletAccount:
    """An account at the real platform, as staff left it."""
    account = merchant.store.wallet_accounts.get(wallet=wallet)
    account.environment = "production"
    account.config = {**account.config, **config}
    account.save()
    return account


def test_a_good_address_is_not_spoken_of(merchant: Merchant) -> None:
    registered(merchant, payment_directory=f"{GOOD}/api/jspay/", sign_in_domain="pay.example.com")
    registered(merchant, "Alipay", sign_in_domain="PAY.example.com")
    assert found() == set()
    assert found(deploy=True) == set()


@pytest.mark.parametrize("debug", [False, True])
def test_http_is_warned_of_always_and_an_error_in_production(settings, debug: bool) -> None:
    settings.DEBUG = debug
    settings.SCANFORPAY_BASE_URL = "http://pay.example.com"
    assert "scanforpay.W002" in found()
    assert {"scanforpay.W002", "scanforpay.E002"} <= found(deploy=True)


@pytest.mark.parametrize(
    ("url", "number"),
    [
        ("https://pay.example.com:8443", "016"),
        ("https://203.0.113.9", "016"),
        ("https://[2001:db8::1]", "016"),
        ("https://intranet", "016"),
        ("https://other.example.com", "017"),
    ],
)
def test_hosts_that_the_platforms_or_django_refuse(settings, url: str, number: str) -> None:
    settings.SCANFORPAY_BASE_URL = url
    assert f"scanforpay.W{number}" in found()
    assert f"scanforpay.E{number}" in found(deploy=True)


def test_the_schemes_own_port_is_no_port(settings) -> None:
    settings.SCANFORPAY_BASE_URL = "https://pay.example.com:443"
    assert found() == set()


def test_a_path_that_django_adds_itself(settings) -> None:
    settings.SCANFORPAY_BASE_URL = f"{GOOD}/shop"
    assert found() == set()
    settings.FORCE_SCRIPT_NAME = "/shop"
    assert found() == {"scanforpay.W018"}


@pytest.mark.parametrize(
    ("directories", "fits"),
    [
        (f"{GOOD}/api/jspay/", True),
        (f"{GOOD}/", True),
        (f"https://old.example.com/\n{GOOD}/api/", True),
        ("http://pay.example.com/api/jspay/", False),
        ("https://www.pay.example.com/api/jspay/", False),
        (f"{GOOD}/pay/", False),
        (f"{GOOD}/api/jspay/pay/", False),
    ],
)
def test_the_payment_directory_is_compared_to_the_letter(
    merchant: Merchant, directories: str, fits: bool
) -> None:
    registered(merchant, payment_directory=directories)
    assert found() == (set() if fits else {"scanforpay.W019"})
    assert found(deploy=True) == (set() if fits else {"scanforpay.W019", "scanforpay.E019"})


@pytest.mark.parametrize("wallet", ["Wechat", "Alipay"])
def test_the_sign_in_domain_is_compared(merchant: Merchant, wallet: str) -> None:
    registered(merchant, wallet, sign_in_domain="example.com")
    assert found() == {"scanforpay.W020"}


def test_accounts_that_are_off_or_play_are_left_alone(merchant: Merchant) -> None:
    account = registered(merchant, payment_directory="https://old.example.com/")
    WalletAccount.objects.update(is_active=False)
    assert found() == set()
    WalletAccount.objects.update(is_active=True)
    account.environment = "local_sandbox"
    account.save()
    assert found() == set()


def test_the_command_itself_warns(merchant: Merchant, settings, capsys) -> None:
    registered(merchant, payment_directory="https://old.example.com/api/jspay/")
    settings.SCANFORPAY_SANDBOX_ALLOWED = True
    call_command("check")
    said = capsys.readouterr().err
    assert "scanforpay.W019" in said
    assert f"Register {GOOD}/api/jspay/" in said


def test_staff_read_what_to_register(merchant: Merchant, client: Client, django_user_model) -> None:
    client.force_login(django_user_model.objects.create_superuser("boss", "boss@example.com", "x"))
    account = registered(merchant, sub_mchid="1900000109")
    page = client.get(reverse("admin:scanforpay_walletaccount_change", args=[account.pk])).content.decode()
    for wanted in (f"{GOOD}/api/jspay/<", ">pay.example.com<", f"{GOOD}/api/jspay/receipt<"):
        assert wanted in page
