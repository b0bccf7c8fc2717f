"""Accounts at the sandbox, for a project in development."""

from typing import Any

import pytest

from scanforpay_django.operations.set_up.sandbox_accounts import has_sandbox, make_sandbox_accounts
from tests.rows import Rows

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def test_each_wallet_of_the_stores_currency_gets_one(rows: Rows, settings: Any) -> None:
    settings.DEBUG = True
    store = rows.store()
    assert make_sandbox_accounts(store) == ["Wechat", "Alipay"]
    assert make_sandbox_accounts(store) == []
    for account in store.wallet_accounts.all():
        assert (account.environment, account.currencies) == ("local_sandbox", "CNY")
        assert account.secrets()


def test_a_currency_that_the_sandbox_does_not_play_gets_none(rows: Rows, settings: Any) -> None:
    settings.DEBUG = True
    assert make_sandbox_accounts(rows.store(currency="KRW")) == []


def test_in_production_there_are_none(rows: Rows) -> None:
    assert not has_sandbox()
    assert make_sandbox_accounts(rows.store()) == []
