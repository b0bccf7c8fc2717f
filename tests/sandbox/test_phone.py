"""The phone: a desktop window that passes for an app, and the scripts its pages get."""

import re
from pathlib import Path

import pytest
from django.core.checks import run_checks

from scanforpay_django.sandbox.models import App
from scanforpay_django.sandbox.phone import app_of_user_agent, user_agent

from . import pay_pages

DESKTOP = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)
WECHAT, ALIPAY = user_agent(App.WECHAT, "zh-CN"), user_agent(App.ALIPAY, "zh-CN")


@pytest.fixture(autouse=True)
def scene(settings, monkeypatch):
    settings.ROOT_URLCONF = "tests.sandbox.pay_pages"
    monkeypatch.setattr(pay_pages, "scene", pay_pages.Scene())
    return pay_pages.scene


@pytest.fixture
def get(client):
    return lambda path, ua=DESKTOP, **more: client.get(path, headers={"User-Agent": ua, **more})


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


def test_the_phone_opens_the_page_with_a_cookie_for_its_path_only(get, settings):
    url = f"{settings.SCANFORPAY_BASE_URL}/pages/ua?x=1"
    answer = get(f"/sandbox/phone?app=wechat&url={url}", Host="localhost:8000")
    assert (answer.status_code, answer["Location"]) == (302, url)
    cookie = answer.cookies["scanforpay_sandbox_app"]
    assert (cookie.value, cookie["path"]) == ("wechat", "/pages/ua")


def test_the_phone_moves_to_the_base_urls_host_first(get):
    answer = get("/sandbox/phone?app=wechat&url=http://localhost:8000/pages/ua", Host="127.0.0.1:8000")
    assert answer["Location"].startswith("http://localhost:8000/sandbox/phone?app=wechat&url=")
    assert "scanforpay_sandbox_app" not in answer.cookies


@pytest.mark.parametrize("query", [
    "",
    "app=wechat",
    "app=paypal&url=http://localhost:8000/pages/ua",
    "app=wechat&url=http://localhost:8000",
    "app=wechat&url=http://localhost:80001/",
    "app=wechat&url=http://localhost:8000.evil.example/",
    "app=wechat&url=http://localhost:8000@evil.example/",
    "app=wechat&url=http://evil.example/http://localhost:8000/",
    "app=wechat&url=//localhost:8000/",
    "app=wechat&url=javascript:alert(1)",
    "app=wechat&url=http://localhost:8000/a;Path=/",
    "app=wechat&url=http://localhost:8000/a%0d%0ax",
    "app=wechat&url=http://localhost:8000\\x",
])  # fmt: skip
def test_the_phone_opens_nothing_else(get, query):
    assert get(f"/sandbox/phone?{query}", Host="localhost:8000").status_code == 400


@pytest.mark.parametrize(("ua", "name", "other"), [
    (WECHAT, b"WeixinJSBridge", b"AlipayJSBridge"),
    (ALIPAY, b"AlipayJSBridge", b"WeixinJSBridge"),
])  # fmt: skip
def test_a_page_in_the_app_gets_its_bridge_before_the_head_ends(get, ua, name, other):
    answer = get("/pages/pay", ua=ua)
    page = answer.content
    assert page.index(b'<script nonce="abc123=">') < page.index(name) < page.index(b"</HEAD >")
    assert other not in page
    assert b'{"payUrl": "/sandbox/wallet/pay"' in page
    assert int(answer["Content-Length"]) == len(page)
    assert page.count(b"<script nonce") == page.count(b"</script>") == 1


def test_a_page_without_a_head_gets_it_after_the_body_tag(get, settings, scene, monkeypatch):
    def page(request):
        return pay_pages.HttpResponse(
            '<body class="x"><p>', headers={"Content-Security-Policy": pay_pages.CSP}
        )

    monkeypatch.setattr(pay_pages.urlpatterns[-1], "callback", page)
    assert get("/other/ua", ua=WECHAT).content.startswith(b'<body class="x"><script nonce="abc123=">')


@pytest.mark.parametrize("headers", [
    {"Content-Type": "application/json"},
    {"Content-Encoding": "gzip"},
    {"Content-Security-Policy": "script-src 'self'"},
    {"Content-Security-Policy": "style-src 'nonce-abc'"},
    {"Content-Security-Policy": ""},
    {"Content-Security-Policy": "script-src 'nonce-\"><x'"},
])  # fmt: skip
def test_other_responses_are_left_alone(get, scene, headers):
    scene.headers = headers
    assert b"JSBridge" not in get("/pages/pay", ua=WECHAT).content


def test_streams_are_left_alone(get):
    assert b"".join(get("/pages/streamed", ua=WECHAT).streaming_content) == b"<head></head>"


def test_a_page_to_be_scanned_gets_the_demo_bar(get, scene):
    scene.attributes = 'data-scan-url="http://localhost:8000/pages/ua" data-wallet="Wechat"'
    page = get("/pages/pay").content
    assert b"sandbox-open-" in page
    assert b'{"phoneUrl": "http://localhost:8000/sandbox/phone"}' in page
    assert b"JSBridge" not in page


def test_other_desktop_pages_get_nothing(get):
    page = get("/pages/pay").content
    assert b"sandbox" not in page


def test_a_page_in_the_app_gets_no_demo_bar(get, scene):
    scene.attributes = 'data-scan-url="http://localhost:8000/pages/ua"'
    assert b"sandbox-open-" not in get("/pages/pay", ua=WECHAT).content


def test_the_scripts_set_no_style_attributes_and_end_no_script():
    import scanforpay_django.sandbox as package

    for script in (Path(package.__file__).parent / "injected").iterdir():
        text = script.read_text(encoding="utf-8")
        assert not re.search(r"setAttribute\(.style|innerHTML|insertAdjacentHTML|</script|https?://", text)


@pytest.mark.parametrize(
    ("debug", "allowed", "found"), [(False, False, 1), (True, False, 0), (False, True, 0)]
)
def test_check_e100(settings, debug, allowed, found):
    settings.DEBUG, settings.SCANFORPAY_SANDBOX_ALLOWED = debug, allowed
    errors = [message for message in run_checks() if message.id == "scanforpay.E100"]
    assert len(errors) == found
    assert all(message.hint and message.is_serious() for message in errors)


@pytest.mark.parametrize("path", [
    "", "phone", "wallet/pay",
    "wechat/v3/pay/transactions/jsapi", "wechat/v3/pay/transactions/out-trade-no/abcdef",
    "wechat/v3/pay/transactions/id/1", "wechat/v3/pay/transactions/out-trade-no/abcdef/close",
    "wechat/connect/oauth2/authorize", "wechat/sns/oauth2/access_token", "alipay/gateway.do",
    "alipay/oauth2/publicAppAuthorize.htm",
])  # fmt: skip
def test_every_view_is_404_where_the_sandbox_is_not_allowed(client, settings, path):
    settings.SCANFORPAY_SANDBOX_ALLOWED = False
    method = client.post if path.endswith(("jsapi", "close", "gateway.do", "wallet/pay")) else client.get
    assert method(f"/sandbox/{path}").status_code == 404
