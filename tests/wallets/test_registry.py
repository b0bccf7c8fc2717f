"""The wallets that the settings name."""

import re
from typing import Any

import pytest
from django.conf import settings as project

from scanforpay_django import checks
from tests.browser.apps import APPS
from tests.house import house, merchant
from tests.merchant import Merchant
from tests.wallets.tea_platform import create, platform, tea

__all__ = ["house", "merchant", "platform", "tea"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


def test_it_needs_none_of_the_wallets_that_come_with_the_app(
    tea: Merchant, settings: Any, client: Any
) -> None:
    settings.SCANFORPAY_WALLETS = {"TeaPay": "tests.wallets.tea_pay.TeaPayWallet"}
    path = create(tea).partition(project.SCANFORPAY_BASE_URL)[2]
    for app, view in (("wechat", "wrong_app"), ("alipay", "wrong_app"), ("mobile", "qr"), ("desktop", "qr")):
        html = client.get(path, headers={"user-agent": APPS[app].user_agent}).content.decode()
        assert re.search(r'data-view="(\w+)"', html)[1] == view, app


def test_two_wallets_with_one_slug_are_named_by_check(settings: Any) -> None:
    path = "tests.wallets.tea_pay.TeaPayWallet"
    settings.SCANFORPAY_WALLETS = {"TeaPay": path, "Tea": path}
    assert "scanforpay.E022" in {message.id for message in checks.check_wallets()}
