"""Alipay's apps: AlipayHK is told from Alipay, although its User-Agent names both."""

import pytest

from scanforpay_django.wallets.alipay.apps import ALIPAY, ALIPAYHK


@pytest.mark.parametrize(
    ("user_agent", "app"),
    [
        ("Mozilla/5.0 AliApp(AP/10.5.0.1) AlipayClient/10.5.0.1", "alipay"),
        ("Mozilla/5.0 AlipayClient/10.5.0.1 AliApp(APHK/6.0)", "alipayhk"),
        ("Mozilla/5.0 AlipayClientHK/6.0", "alipayhk"),
        ("Mozilla/5.0 AliApp(yunpan/4.0) Alipay", None),
    ],
)
def test_each_app_is_recognised(user_agent: str, app: str | None) -> None:
    found = [one.name for one in (ALIPAY, ALIPAYHK) if one.user_agent.search(user_agent)]
    assert found == ([app] if app else [])
