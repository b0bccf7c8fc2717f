"""The command scanforpay_setup."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from scanforpay_django import checkout
from scanforpay_django.models import Order, Partner, SignKey, Store, WalletAccount

pytestmark = pytest.mark.django_db


def setup(**options: Any) -> str:
    told = StringIO()
    call_command("scanforpay_setup", stdout=told, **options)
    return told.getvalue()


def test_it_makes_what_is_missing_once(settings: Any) -> None:
    settings.DEBUG = True
    first = setup(name="Tea house")
    assert "Tea house" in first
    accounts = WalletAccount.objects.filter(environment="local_sandbox", is_active=True)
    assert sorted(accounts.values_list("wallet", flat=True)) == ["Alipay", "Wechat"]
    (shown,) = [line.split()[2] for line in first.splitlines() if line.startswith("Sign key")]
    assert SignKey.objects.get().secret() == shown
    again = setup(name="Coffee house")
    assert "not shown again" in again
    assert (Partner.objects.count(), Store.objects.count(), accounts.count()) == (1, 1, 2)
    assert shown not in again
    assert "not shown again" not in setup(new_key=True)
    assert SignKey.objects.count() == 2
    assert checkout.create(number="A-1", amount=2100, wallet="Wechat").state == "pending"


def test_without_debug_no_account_is_made_and_the_next_step_is_named(settings: Any) -> None:
    told = setup()
    assert not WalletAccount.objects.exists()
    assert "admin\n(Set-up)" in told


def test_a_name_that_cannot_be_stored_is_refused(settings: Any) -> None:
    for name in ("", " ", "x" * 51):
        with pytest.raises(CommandError, match="1 to 50"):
            setup(name=name)


def test_an_order_to_try_takes_any_wallet(settings: Any) -> None:
    settings.DEBUG = True
    told = setup(order=True)
    order = Order.objects.get()
    assert order.wallet == "Any"
    assert f"Order      {checkout.get(order.partner_order_no).pay_url}" in told
    setup(order=True)
    assert Order.objects.count() == 2


def test_an_order_without_an_account_is_refused_with_what_to_do(settings: Any) -> None:
    with pytest.raises(CommandError, match="The order was refused"):
        setup(order=True)
