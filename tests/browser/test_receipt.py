"""The receipt that WeChat frames after a payment through a service provider."""

import hashlib
import json
import re

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from scanforpay_django.models import Order, Payment
from scanforpay_django.sandbox.merchants import issue_wechat_partner_credentials
from tests.browser.apps import user_agent
from tests.browser.conftest import Visitor, accessible, fits
from tests.house import house
from tests.house import merchant as paying_merchant
from tests.merchant import Merchant
from tests.platform import open_payment

__all__ = ["house"]

pytestmark = pytest.mark.django_db(transaction=True)
merchant = paying_merchant

WECHAT = "https://payapp.weixin.qq.com"
FRAME = """<body style="margin:0"><iframe src="%s" style="width:390px;height:600px;border:0"></iframe><script>
window.told = []; window.onmessage = function (event) { window.told.push([event.origin, JSON.parse(event.data)]); };
</script>"""


@pytest.fixture
def payment(merchant: Merchant) -> Payment:
    """Of a service provider's merchant, not paid yet."""
    account = merchant.store.wallet_accounts.get(wallet="Wechat")
    account.config, secrets = issue_wechat_partner_credentials()
    account.set_secrets(secrets)
    account.save()
    return open_payment(merchant, "Wechat", returnUrl="https://shop.example/done", partnerOrderNo="tea-1")


def pay(payment: Payment) -> None:
    """The platform's word is here."""
    Payment.objects.update(state="paid", trade_no="4200001", is_applied=True)
    Order.objects.update(state="paid")


def link(payment: Payment, root: str, transaction_id: str = "4200001") -> str:
    """The address as WeChat calls it."""
    sub_mchid = payment.account.config["sub_mchid"]
    base = f"{root}/api/jspay/receipt?sub_mch_id={sub_mchid}&out_trade_no={payment.out_trade_no}"
    code = hashlib.md5(f"{base}&transaction_id={transaction_id}".encode()).hexdigest()
    return f"{base}&check_code={code}"


def framed(browser: Browser, url: str, parent: str = WECHAT, **options) -> Page:
    """A page of WeChat's with the receipt in its frame."""
    context = browser.new_context(
        user_agent=user_agent("wechat", "en-US"), viewport={"width": 390, "height": 844}, **options
    )
    page = context.new_page()
    page.route(
        f"{parent}/**",
        lambda route: route.fulfill(content_type="text/html", body=FRAME % url.replace("&", "&amp;")),
    )
    page.goto(f"{parent}/paygoldplan")
    return page


def told(page: Page, action: str) -> dict:
    """What the frame has told its parent."""
    page.wait_for_function("action => window.told.some(one => one[1].action === action)", arg=action)
    return next(body for _origin, body in page.evaluate("window.told") if body["action"] == action)


@pytest.mark.browser
def test_the_frame_says_it_is_ready_and_shows_the_way_back(
    payment: Payment, house: str, browser: Browser
) -> None:
    pay(payment)
    page = framed(browser, link(payment, house))
    ready = told(page, "onIframeReady")
    assert ready["displayStyle"] == "SHOW_CUSTOM_PAGE"
    assert 0 < ready["height"] < 2000
    frame = page.frame_locator("iframe")
    expect(frame.locator("h1")).to_have_text("¥21.00")
    expect(frame.locator(".number")).to_contain_text("tea-1")
    frame.locator("#scanforpay-back").click()
    assert told(page, "jumpOut")["jumpOutUrl"] == f"{house}/api/jspay/back/{payment.out_trade_no}"
    page.context.close()


@pytest.mark.browser
def test_nobody_else_frames_it(payment: Payment, house: str, browser: Browser) -> None:
    pay(payment)
    page = framed(browser, link(payment, house), parent="https://evil.example")
    page.wait_for_timeout(1500)
    assert page.evaluate("window.told") == []
    assert page.frames[1].evaluate("document.body.innerText").find("tea-1") < 0
    page.context.close()


@pytest.mark.browser
def test_it_looks_again_until_the_platforms_word_is_here(
    payment: Payment, house: str, browser: Browser
) -> None:
    page = framed(browser, link(payment, house))
    assert told(page, "onIframeReady")["displayStyle"] == "SHOW_CUSTOM_PAGE"
    frame = page.frame_locator("iframe")
    expect(frame.locator("h1")).to_have_text("Checking your payment …")
    pay(payment)
    expect(frame.locator("h1")).to_have_text("¥21.00", timeout=10_000)
    page.context.close()


@pytest.mark.browser
def test_the_way_back_ends_at_the_shop(payment: Payment, house: str, open_page: Visitor) -> None:
    order = Order.objects.get()
    page = open_page(f"{house}/api/jspay/pay/{order.token}", "desktop")
    page.wait_for_selector("[data-view-state=waiting]")
    pay(payment)
    page.route("https://shop.example/**", lambda route: route.fulfill(body="<h1>the shop</h1>"))
    page.goto(f"{house}/api/jspay/back/{payment.out_trade_no}")
    page.wait_for_url("https://shop.example/done", timeout=15_000)


@pytest.mark.browser
def test_it_reads_well(payment: Payment, house: str, open_page: Visitor, picture) -> None:
    pay(payment)
    page = open_page(link(payment, house), "wechat", locale="ja-JP", size="small")
    expect(page.locator("h2")).to_have_text("お支払いが完了しました")
    picture(page, "receipt")
    fits(page)
    accessible(page)


def answer_to(url: str, root: str, **options):
    """Without a browser."""
    return Client().get(url.removeprefix(root), headers={"user-agent": user_agent("wechat")}, **options)


def data(answer) -> dict:
    """What the page's script is told."""
    found = re.search(
        r'<script id="scanforpay-data" type="application/json">(.*?)</script>', answer.content.decode()
    )
    return json.loads(found[1])


def test_its_headers_let_wechat_alone_frame_it(payment: Payment, house: str) -> None:
    pay(payment)
    answer = answer_to(link(payment, house), house)
    assert f"frame-ancestors {WECHAT}" in answer["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer
    assert answer["Cache-Control"] == "no-store"
    assert "tea-1" in answer.content.decode()


@pytest.mark.parametrize("wrong", ["0" * 32, "", "é"])
def test_what_wechats_code_does_not_prove_is_not_told(payment: Payment, house: str, wrong: str) -> None:
    pay(payment)
    url = re.sub(r"check_code=.*", f"check_code={wrong}", link(payment, house))
    answer = answer_to(url, house)
    html = answer.content.decode()
    assert "tea-1" not in html
    assert "21.00" not in html
    assert "山茶小铺" not in html
    assert data(answer)["back"].endswith(payment.out_trade_no)


@pytest.mark.parametrize(
    "query", ["", "?out_trade_no=x", "?out_trade_no=%00", "?sub_mch_id=1&out_trade_no={number}"]
)
def test_an_unknown_payment_gets_wechats_own_receipt(payment: Payment, house: str, query: str) -> None:
    answer = answer_to(f"/api/jspay/receipt{query.format(number=payment.out_trade_no)}", house)
    assert answer.status_code == 404
    assert data(answer)["known"] is False


def test_the_platform_is_asked_at_the_second_look(payment: Payment, house: str) -> None:
    for look, asked in ((0, False), (1, True)):
        answer_to(f"{link(payment, house)}&look={look}", house)
        assert (Payment.objects.get().queried_at is not None) is asked
    last = data(answer_to(f"{link(payment, house)}&look=9", house))
    assert last["look"] == 0
