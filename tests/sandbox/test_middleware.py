"""The scripts that pages get in the phone."""

import re
from pathlib import Path

import pytest

from scanforpay_django.sandbox.models import App
from scanforpay_django.sandbox.phone import user_agent
from tests.sandbox import pay_pages
from tests.sandbox.scene import get, scene

__all__ = ["get", "scene"]

WECHAT, ALIPAY = user_agent(App.WECHAT, "zh-CN"), user_agent(App.ALIPAY, "zh-CN")


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
