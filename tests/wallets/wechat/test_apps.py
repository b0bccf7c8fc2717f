"""WeChat's apps: WeCom contains WeChat's word and has no wallet."""

import pytest

from scanforpay_django.wallets.wechat.apps import WECHAT, WECOM
from scanforpay_django.wallets.wechat.wallet import WeChatWallet


@pytest.mark.parametrize(
    ("user_agent", "app"),
    [
        ("Mozilla/5.0 (Phone; OpenHarmony 5.0) MicroMessenger/8.0.50", "wechat"),
        ("Mozilla/5.0 (iPhone) MicroMessenger/7.0.1 wxwork/4.1.0", "wecom"),
        ("Mozilla/5.0 wxworklocal/2.6", "wecom"),
        ("Mozilla/5.0 MicroMessenger", None),
    ],
)
def test_the_first_app_that_fits_is_the_app(user_agent: str, app: str | None) -> None:
    found = next((one.name for one in WeChatWallet.apps if one.user_agent.search(user_agent)), None)
    assert found == app


def test_wecom_opens_links_and_does_not_pay() -> None:
    assert (WECHAT.pays, WECOM.pays) == (True, False)
