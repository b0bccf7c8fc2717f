"""The wallet's sheet and the demo bar in a real browser, under a strict Content-Security-Policy."""

import os

import pytest
from django.utils import translation
from playwright.sync_api import expect

from scanforpay_django.sandbox import sheets
from scanforpay_django.sandbox.models import Trade
from scanforpay_django.sandbox.phone import USER_COOKIE
from tests.chromium import browser

from . import pay_pages

__all__ = ["browser"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("quick_repeats"),
]

CALLS = {
    "wechat": "WeixinJSBridge.invoke('getBrandWCPayRequest', data.params, done)",
    "alipay": "AlipayJSBridge.call('tradePay', data.params, done)",
}
PAGE = """<button id="start">Pay</button><output id="told"></output><script nonce="abc123=">
document.addEventListener("%(ready)s", function () { document.body.dataset.ready = "1"; });
document.getElementById("start").onclick = function () {
  var data = JSON.parse(document.getElementById("scanforpay-data").textContent);
  var done = function (told) { document.getElementById("told").textContent = JSON.stringify(told); };
  %(call)s;
};
</script>"""


@pytest.fixture
def site(settings, live_server, monkeypatch):
    settings.SCANFORPAY_BASE_URL = live_server.url
    settings.ROOT_URLCONF = "tests.sandbox.pay_pages"
    monkeypatch.setattr(pay_pages, "scene", pay_pages.Scene())
    monkeypatch.setattr("tests.sandbox.merchant.BACK", f"{live_server.url}/back")
    return live_server.url


@pytest.fixture
def context(browser):
    context = browser.new_context(viewport={"width": 390, "height": 844})
    problems = []
    context.on("console", lambda said: "favicon" in said.location["url"] or problems.append(said.text))
    yield context
    context.close()
    assert problems == []


@pytest.fixture(params=["wechat", "alipay"])
def phone(request, site, context, client):
    """The pay page open in the phone, which is the same person as the test client."""
    wallet = request.getfixturevalue(request.param)
    if request.param == "wechat":
        made = wallet.order(wallet.order_body(wallet.openid())).json()
        params = wallet.bridge(made["prepay_id"])
    else:
        params = {"tradeNO": wallet.create(wallet.create_body(wallet.user_id()))["trade_no"]}
    ready = {"wechat": "WeixinJSBridgeReady", "alipay": "AlipayJSBridgeReady"}[request.param]
    pay_pages.scene.app = request.param
    pay_pages.scene.data = {"params": params}
    pay_pages.scene.body = PAGE % {"ready": ready, "call": CALLS[request.param]}
    context.add_cookies([{"name": USER_COOKIE, "value": client.cookies[USER_COOKIE].value, "url": site}])
    page = context.new_page()
    page.goto(f"{site}/sandbox/phone?app={request.param}&url={site}/pages/pay")
    page.wait_for_selector("body[data-ready]")
    return page


WORDS = {
    "wechat": {r: f'{{"err_msg":"get_brand_wcpay_request:{r}"}}' for r in ("ok", "cancel", "fail")},
    "alipay": {
        r: f'{{"resultCode":"{c}"}}' for r, c in (("ok", "9000"), ("cancel", "6001"), ("fail", "4000"))
    },
}


def told(page, result):
    expect(page.locator("#told")).to_have_text(WORDS[pay_pages.scene.app][result])
    assert page.query_selector("#sandbox-sheet") is None


def test_the_sheet_shows_what_is_paid_and_pays(phone, context):
    phone.click("#start")
    sheet = phone.wait_for_selector("#sandbox-sheet")
    assert sheet.get_attribute("role") == "dialog"
    for text in ("¥21.00", "Sandbox Shop", "两杯咖啡"):
        assert text in sheet.inner_text()
    if os.environ.get("SHEET_SCREENSHOTS"):
        phone.screenshot(path=f"{os.environ['SHEET_SCREENSHOTS']}/{pay_pages.scene.app}.png")
    phone.click("#sandbox-pay")
    told(phone, "ok")
    assert Trade.objects.get().state == "paid"


def test_the_focus_stays_in_the_sheet_and_escape_cancels(phone):
    phone.click("#start")
    phone.wait_for_selector("#sandbox-sheet")
    seen = []
    for _ in range(4):
        seen.append(phone.evaluate("document.activeElement.id"))
        phone.keyboard.press("Tab")
    assert seen == ["sandbox-pay", "sandbox-cancel"] * 2
    phone.keyboard.press("Escape")
    told(phone, "cancel")
    assert phone.evaluate("document.activeElement.id") == "start"
    assert Trade.objects.get().state == "open"


def test_a_refusal_is_shown_and_can_only_be_closed(phone):
    Trade.objects.update(state="closed")
    phone.click("#start")
    assert "已关闭" in phone.inner_text("#sandbox-message")
    assert phone.query_selector("#sandbox-pay") is None
    phone.click("#sandbox-cancel")
    told(phone, "fail")


def test_the_demo_bar_opens_the_phone_beside_an_unchanged_desktop(site, context, db):
    pay_pages.scene.attributes = f'data-scan-url="{site}/pages/ua" data-wallet="Alipay"'
    page = context.new_page()
    page.goto(f"{site}/pages/pay")
    assert page.get_attribute("#sandbox-open-alipay", "data-primary") == "true"
    assert page.get_attribute("#sandbox-open-wechat", "data-primary") == "false"
    for app in ("wechat", "alipay"):
        with page.expect_popup() as opened:
            page.click(f"#sandbox-open-{app}")
        opened.value.wait_for_load_state()
        assert f'"app": "{app}"' in opened.value.inner_text("body")
    for path, app in (("/pages/ua/below", '"alipay"'), ("/other/ua", "null")):
        page.goto(f"{site}{path}")
        assert f'"app": {app}' in page.inner_text("body")


@pytest.fixture
def h5_page(site, context, direct):
    """WeChat's H5 page, opened by a tap on a page of the registered domain."""
    scene = {"payer_client_ip": "203.0.113.7", "h5_info": {"type": "Wap"}}
    url = direct.post("h5", direct.body(scene_info=scene)).json()["h5_url"]
    pay_pages.scene.body = f'<a id="go" href="{url}&redirect_url={site}/pages/ua">Pay</a>'
    pay_pages.scene.headers = {"Referrer-Policy": "strict-origin"}
    page = context.new_page()
    page.goto(f"{site}/pages/pay")
    page.click("#go")
    page.wait_for_selector("#sandbox-sheet")
    return page


def test_the_h5_page_pays_and_goes_back(h5_page, site):
    expect(h5_page.locator("#sandbox-sheet")).to_contain_text("¥21.00")
    h5_page.click("#sandbox-pay")
    h5_page.wait_for_url(f"{site}/pages/ua")
    assert Trade.objects.get().state == "paid"


def test_the_h5_page_goes_back_by_itself_after_five_seconds(h5_page, site):
    h5_page.wait_for_url(f"{site}/pages/ua", timeout=8000)
    assert Trade.objects.get().state == "open"


def test_the_sandboxs_own_page_pays_an_open_trade(site, context, full_alipay):
    full_alipay.say("precreate", full_alipay.trade())
    page = context.new_page()
    page.goto(f"{site}/sandbox/")
    page.click("text=Open the sheet")
    page.click("#sandbox-pay")
    page.wait_for_selector("#sandbox-sheet", state="detached")
    assert Trade.objects.get().state == "paid"


def test_the_sandboxs_own_page_arms_a_fault(site, context):
    page = context.new_page()
    page.goto(f"{site}/sandbox/")
    page.select_option("select[name=name]", "notify-never")
    page.click("text=Arm")
    expect(page.locator("main")).to_contain_text("1 left")
    page.click("text=Clear all")
    expect(page.locator("main")).to_contain_text("the platforms behave")


@pytest.mark.parametrize(
    ("language", "text"), [("zh-hant", "無法發起支付"), ("de", "The payment cannot be started")]
)
def test_a_refusal_is_in_the_visitors_language(language, text):
    with translation.override(language):
        page = sheets.refusal("no such trade").content.decode()
    assert f"<h1>{text}</h1>" in page
