"""The command sandbox_account."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("wallet", "name"), [("Wechat", "mchid"), ("Alipay", "app_id")])
def test_it_issues_what_a_wallet_account_stores(settings: Any, wallet: str, name: str) -> None:
    settings.DEBUG = True
    told = StringIO()
    call_command("sandbox_account", wallet, stdout=told)
    issued = json.loads(told.getvalue())
    assert issued["config"][name]
    assert "PRIVATE KEY" in issued["secrets"]["private_key"]


def test_unknown_wallets_and_production_are_refused(settings: Any) -> None:
    settings.DEBUG = True
    with pytest.raises(CommandError, match="issues accounts for"):
        call_command("sandbox_account", "Gold")
    settings.DEBUG = False
    settings.SCANFORPAY_SANDBOX_ALLOWED = False
    with pytest.raises(CommandError, match="DEBUG is off"):
        call_command("sandbox_account", "Wechat")
