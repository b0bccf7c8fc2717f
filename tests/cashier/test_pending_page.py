"""The table of wallets and channels once more, for every real User-Agent on file."""

import re

import pytest
from django.test import Client

from scanforpay_django.models import WalletAccount
from tests.browser.test_table import TABLE
from tests.cashier.test_user_agent import ROWS
from tests.merchant import Merchant

pytestmark = pytest.mark.django_db
COMPUTER = re.compile(r"Windows NT|Macintosh")


def app_of(user_agent: str, channel: str) -> str:
    """The table's row for a User-Agent: other apps' browsers are phones, or a television."""
    if channel == "other":
        return "mobile"
    on_a_computer = COMPUTER.search(user_agent)
    if channel == "wechat_miniprogram" and on_a_computer:
        return "computer"
    return "wecom_desktop" if channel == "wecom" and on_a_computer else channel


@pytest.mark.parametrize("wallet", ["Wechat", "Alipay", "AlipayHK"])
@pytest.mark.parametrize(("user_agent", "channel"), ROWS, ids=lambda value: value[-40:])
def test_real_apps_find_the_tables_page(
    merchant: Merchant, client: Client, user_agent: str, channel: str, wallet: str
) -> None:
    WalletAccount.objects.create(
        store=merchant.store, wallet="AlipayHK", environment="local_sandbox", currencies="HKD"
    )
    made = merchant.create(wallet=wallet, currency="HKD" if wallet == "AlipayHK" else "CNY")
    answer = client.get(made["payUrl"].partition("8000")[2], headers={"user-agent": user_agent})
    app = app_of(user_agent, channel)
    if app == "computer":
        # A mini-program in a window on a computer: whoever has the phone at hand scans.
        assert 'data-hint="scan"' in answer.content.decode()
        return
    cell = TABLE[wallet, "usual"][app]
    if cell.view == "bridge":
        assert "oauth2" in answer["Location"]
        return
    html = answer.content.decode()
    assert f'data-view="{cell.view}"' in html
    assert re.findall(r'data-hint="(\w+)"', html) == ([cell.hint] if cell.hint else [])
