"""The phone: a desktop window that passes for an app."""

import pytest

from scanforpay_django.sandbox.models import App
from scanforpay_django.sandbox.phone import app_of_user_agent, user_agent
from tests.sandbox.scene import DESKTOP, get, scene

__all__ = ["get", "scene"]

WECHAT, ALIPAY = user_agent(App.WECHAT, "zh-CN"), user_agent(App.ALIPAY, "zh-CN")


@pytest.mark.parametrize(("app", "language", "token"), [
    (App.WECHAT, "zh-CN,zh;q=0.9", "zh_CN"),
    (App.WECHAT, "zh-HK", "zh_HK"),
    (App.WECHAT, "zh-Hant-TW", "zh_TW"),
    (App.WECHAT, "en-US,en;q=0.5", "en"),
    (App.ALIPAY, "zh-CN,zh;q=0.9", "zh-Hans"),
    (App.ALIPAY, "zh-TW", "zh-Hant"),
    (App.ALIPAY, "en-GB", "en"),
    (App.ALIPAY, "", "en"),
    (App.WECHAT, "<script>", "en"),
])  # fmt: skip
def test_the_app_speaks_the_browsers_language(app, language, token):
    assert f" Language/{token} " in user_agent(app, language)
    assert app_of_user_agent(user_agent(app, language)) is app


@pytest.mark.parametrize(("ua", "app"), [
    (DESKTOP, None),
    ("x wxwork/5.0.3 (MicroMessenger/6.2) MicroMessenger/6.2", None),
    ("x MicroMessenger/7.0.20.1781(0x6700143B) WindowsWechat(0x63090a13)", None),
    ("x MicroMessenger/8.0.18 Language/zh_CN miniProgram/wx9af32b509e88340c", None),
    ("x AliApp(APHK/1) AlipayClientHK/10.1 AlipayClient/10.1.32.600 Alipay", None),
    ("x AliApp(AP/10) AlipayClient/10.3 MiniProgram APXWebView", None),
    ("x AliApp(AYSD/4.9.1) AlipayDefined(nt:WIFI)", None),
    ("x MicroMessenger/8.0.49", App.WECHAT),
    ("x AliApp(AP/10.3) AlipayClient/10.3", App.ALIPAY),
])  # fmt: skip
def test_only_the_apps_own_browser_is_the_app(ua, app):
    assert app_of_user_agent(ua) is app


def test_the_app_cookie_makes_the_browser_the_app(client, get):
    client.cookies["scanforpay_sandbox_app"] = "alipay"
    seen = get("/pages/ua", **{"Accept-Language": "zh-CN"}).json()
    assert seen["ua"] == seen["meta"] == ALIPAY
    client.cookies["scanforpay_sandbox_app"] = "paypal"
    assert get("/pages/ua").json()["ua"] == DESKTOP


def test_the_app_cookie_means_nothing_where_the_sandbox_is_not_allowed(client, get, settings):
    settings.SANDBOX_ALLOWED = settings.SCANFORPAY_SANDBOX_ALLOWED = False
    client.cookies["scanforpay_sandbox_app"] = "alipay"
    assert get("/pages/ua").json()["ua"] == DESKTOP
    assert b"JSBridge" not in get("/pages/pay", ua=WECHAT).content
