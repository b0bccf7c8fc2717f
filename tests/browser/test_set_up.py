"""The guided set-up, looked at: four languages, light and dark, on a desk and on a phone."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page

from scanforpay_django import clock
from scanforpay_django.models import GoLiveCheck, Order, Partner, StepResult, Store, WalletAccount
from scanforpay_django.operations.set_up.go_live import get_subject, list_steps
from scanforpay_django.operations.set_up.look import FILE_MISSING, NOT_PUBLIC, NOTIFY_REACHED
from scanforpay_django.operations.set_up.trial import start_trial
from tests.browser.conftest import accessible, fits
from tests.browser.test_desk import LOOKS, browser, open_desk, staff
from tests.chromium import browser as chromium
from tests.house import house, merchant, phones
from tests.merchant import Merchant
from tests.operations.set_up.live import lead_to_sandbox, make_live
from tests.phone import Phone

__all__ = ["browser", "chromium", "house", "merchant", "open_desk", "phones", "staff"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.sqlite,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def accounts(merchant: Merchant, house: str, settings: Any) -> list[WalletAccount]:
    """Two accounts of a store: one half way, one that has just begun; and what others have begun."""
    lead_to_sandbox(settings, house)
    Store.objects.filter(pk=merchant.store.pk).update(name="山茶小铺 陆家嘴店", timezone="Asia/Shanghai")
    wechat = make_live(merchant, verification_file="MP_verify_k3Jx9.txt")
    wechat.grants = "jsapi h5 native"
    wechat.certificates_end_at = datetime(2031, 8, 11, tzinfo=UTC)
    wechat.save()
    WalletAccount.objects.filter(pk=wechat.pk).update(certificates_end_at=clock.now() + timedelta(days=12))
    alipay = make_live(merchant, "Alipay")
    partner = Partner.objects.create(partner_no="10002", name="港灣書店有限公司")
    Store.objects.create(partner=partner, store_no="100020000000001", name="港灣書店 中環", currency="HKD")
    Partner.objects.create(partner_no="10003", name="Kissaten Camellia")
    steps = {step.name: step for step in list_steps(wechat)}
    url = "https://pay.camellia.example/MP_verify_k3Jx9.txt"
    seen = [
        ("address", "failed", NOT_PUBLIC, {}),
        ("domain_file", "failed", FILE_MISSING, {"url": url, "status": 404}),
        ("notify", "ok", NOTIFY_REACHED, {}),
    ]
    results = [
        StepResult(
            step=name, state=state, seen=text, details=details, subject=get_subject(wechat, steps[name])
        )
        for name, state, text, details in seen
    ]
    GoLiveCheck.objects.record(wechat, results, clock.now())
    for name in ("products", "sign_in_domain"):
        GoLiveCheck.objects.confirm(wechat, name, actor="lin.mei", subject=get_subject(wechat, steps[name]))
    return [wechat, alipay]


#: a page's name -> its address
PAGES = {
    "index": "",
    "partner": "partner/",
    "store": "partner/{partner}/store/",
    "wallet": "{store}/account/",
    "account": "{store}/account/?wallet=Wechat",
    "go-live": "{store}/go-live/{wechat}/",
    "trial": "{store}/go-live/{alipay}/trial/",
}


@pytest.mark.parametrize("name", PAGES)
def test_pages_fit_and_are_accessible(
    name: str, accounts: list[WalletAccount], open_desk: Any, picture: Callable[[Page, str], None]
) -> None:
    wechat, alipay = accounts
    start_trial(alipay)
    keys = {
        "partner": wechat.store.partner_id,
        "store": wechat.store_id,
        "wechat": wechat.pk,
        "alipay": alipay.pk,
    }
    for number, look in enumerate(LOOKS):
        page = open_desk(look, "/admin/scanforpay/store/set-up/" + PAGES[name].format(**keys))
        assert page.locator(".sp-nav [aria-current]").count() == 1
        fits(page)
        page.locator(".sp details").evaluate_all("all => all.forEach(one => { one.open = true })")
        picture(page, f"set-up-{name}-{look['locale']}-{look['scheme']}-{look['width']}")
        if not number:
            accessible(page, ".sp")


def test_the_list_stands_on_the_accounts_page(
    accounts: list[WalletAccount], open_desk: Any, picture: Callable[[Page, str], None]
) -> None:
    for look in LOOKS[:2]:
        page = open_desk(look, f"/admin/scanforpay/walletaccount/{accounts[0].pk}/change/")
        accessible(page, ".sp-below")
        fits(page, ".sp-below")
        picture(page, f"set-up-own-page-{look['locale']}-{look['scheme']}-{look['width']}")


def test_the_page_follows_a_real_payment_to_its_refund(
    accounts: list[WalletAccount], open_desk: Any, phones: Callable[[str], Phone]
) -> None:
    wechat = accounts[0]
    look = {"width": 1280, "scheme": "light", "locale": "en"}
    page = open_desk(look, f"/admin/scanforpay/store/set-up/{wechat.store_id}/go-live/{wechat.pk}/")
    page.get_by_role("button", name="Show the code").click()
    page.wait_for_selector(".sp-qr:visible")
    order = Order.objects.get()
    phone = phones("wechat")
    phone.confirm(phone.open(f"/api/jspay/pay/{order.scan_token}"))
    page.get_by_role("button", name="Refund").click()
    page.wait_for_selector("text=Paid and refunded")
    page.get_by_role("link", name="Back to the list").click()
    assert "has gone back" in page.locator("main").inner_text()


def test_a_key_is_copied_without_a_mouse(open_desk: Any) -> None:
    look = {"width": 1280, "scheme": "light", "locale": "en"}
    page = open_desk(look, "/admin/scanforpay/store/set-up/partner/")
    page.locator("#id_name").fill("Tea house")
    page.locator("#id_name").press("Enter")
    page.wait_for_selector("#sign-key")
    accessible(page, ".sp")
    fits(page)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement !== document.body")
