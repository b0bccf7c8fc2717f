"""A hook that a wallet leaves out is named by `manage.py check`."""

from typing import Any

import pytest

from scanforpay_django import checks
from scanforpay_django.conf import DEFAULT_WALLETS
from scanforpay_django.wallets.base import Kind, Product, Wallet
from tests.wallets.tea_pay import TeaPayWallet

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


def test_the_checks_are_silent_about_it(settings: Any) -> None:
    settings.SCANFORPAY_WALLETS = {"TeaPay": "tests.wallets.tea_pay.TeaPayWallet"}
    assert checks.check_wallets() == []
    settings.SCANFORPAY_WALLETS = DEFAULT_WALLETS
    assert checks.check_wallets() == []


class Empty(Wallet):
    """Nothing is filled in."""


class NoBridge(TeaPayWallet):
    """Its script and its app are missing."""

    bridge_script = ""
    apps = ()


class NoPattern(TeaPayWallet):
    """Its barcodes cannot be told from others."""

    barcode_pattern = ""


class NoCharge(TeaPayWallet):
    """Its till product has no calls."""

    pay_by_barcode = Wallet.pay_by_barcode
    reverse = Wallet.reverse


class NoList(TeaPayWallet):
    """It says that it lists payments, and does not."""

    lists_payments = True


class NoSignIn(TeaPayWallet):
    """Its product needs to know who pays."""

    products = {"page": Product(name="page", kind=Kind.BRIDGE, label="page", needs_payer=True)}


class NoProduction(TeaPayWallet):
    """It has test addresses only."""

    hosts = {"platform_sandbox": {"api": "https://test.teapay.example"}}


class WrongRoute(TeaPayWallet):
    """Its route names what it does not have."""

    @classmethod
    def route(cls, channel: Any) -> tuple[str, ...]:
        return ("h5",)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Empty", ["sets no name", "sets no credentials", "write create()", "write read_notification()"]),
        ("NoBridge", ["no apps", "no bridge_script"]),
        ("NoPattern", ["barcode_pattern"]),
        ("NoCharge", ["pay_by_barcode()", "reverse()"]),
        ("NoList", ["list_payments()"]),
        ("NoSignIn", ["authorize_url()"]),
        ("NoProduction", ["'production'"]),
        ("WrongRoute", ["its route for mobile is ('h5',)"]),
    ],
)
def test_a_missing_hook_is_named_by_check(settings: Any, name: str, words: list[str]) -> None:
    settings.SCANFORPAY_WALLETS = {"TeaPay": f"{__name__}.{name}"}
    found = checks.check_wallets()
    assert {message.id for message in found} == {"scanforpay.E021"}
    assert all(message.hint for message in found)
    told = " ".join(message.msg for message in found)
    assert all(word in told for word in words), told
