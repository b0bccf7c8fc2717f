"""One order, all the way, through every door."""

import pytest

from scanforpay_django.merchant_notify.delivery import drain
from scanforpay_django.models import Notification, Order, OrderEvent, Payment, PlatformNotification
from tests.house import Shop
from tests.merchant import SIGN_KEY, Merchant, split_verifies
from tests.phone import Page, Phone
from tests.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

WALLETS = [("wechat", "Wechat"), ("alipay", "Alipay")]


def is_paid() -> bool:
    return Order.objects.get().state == Order.State.PAID


@pytest.mark.parametrize(("app", "wallet"), WALLETS)
def test_from_create_to_the_notified_merchant(
    merchant: Merchant, shop: Shop, phones, app: str, wallet: str
) -> None:
    made = merchant.create(
        wallet=wallet, partnerOrderNo="tea-1", notifyUrl=shop.url, returnUrl="https://shop.example/done?wc=1"
    )
    phone: Phone = phones(app)
    page: Page = phone.open(made["payUrl"])
    assert (page.status, page.attribute("channel"), page.attribute("view")) == (200, app, "bridge")
    assert "code=" not in page.url
    assert phone.confirm(page)["result"] == "ok"
    wait_for(is_paid)
    wait_for(lambda: PlatformNotification.objects.filter(outcome="applied").exists())

    report = drain(max_seconds=10)
    assert report.delivered == 1
    assert split_verifies(shop.bodies[0].decode(), SIGN_KEY)
    told = shop.told()[0]
    queried = merchant.query(partnerOrderNo="tea-1")
    assert told == queried
    assert (queried["status"], queried["orderAmount"], queried["wallet"]) == (1, 2100, wallet)
    assert queried["payTime"]
    assert queried["buyerId"]

    status = phone.status(page)
    assert status["state"] == "paid"
    back = phone.open(status["next"])
    assert 'action="https://shop.example/done?wc=1"' in back.html
    assert 'name="partnerOrderNo" value="tea-1"' in back.html
    assert "form-action https:" in back.headers["Content-Security-Policy"]
    assert "signature" not in back.html
    # Once: the same browser is not sent again.
    assert phone.open(status["next"]).attribute("view") == "result"
    assert OrderEvent.objects.get().to_state == "paid"


@pytest.mark.parametrize(("app", "wallet"), WALLETS)
def test_a_lost_notification_is_found_by_the_pages_question(
    merchant: Merchant, phones, app: str, wallet: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = merchant.create(wallet=wallet)
    phone = phones(app)
    page = phone.open(made["payUrl"])
    # The notice goes to a path that no account has: the platform's message is lost.
    from scanforpay_django.sandbox.models import Trade

    Trade.objects.update(notify_url=phone.root + "/api/platform/nobody/nobody")
    assert phone.confirm(page)["result"] == "ok"
    wait_for(lambda: phone.status(page)["state"] == "paid")
    assert OrderEvent.objects.get().source == "platform_query"


@pytest.mark.parametrize(("app", "wallet"), WALLETS)
def test_cancel_then_leave_closes_at_the_platform_and_returns(
    merchant: Merchant, phones, app: str, wallet: str
) -> None:
    made = merchant.create(wallet=wallet, returnUrl="http://shop.example/done")
    phone = phones(app)
    page = phone.open(made["payUrl"])
    assert phone.confirm(page, "cancel")["result"] == "cancel"
    assert phone.status(page)["state"] == "pending"
    back = phone.post(page.data["leaveUrl"])
    assert 'action="http://shop.example/done"' in back.html
    assert Order.objects.get().state == "closed"
    assert Payment.objects.get().state == "closed"
    assert phone.confirm(page)["result"] != "ok"
    assert phone.open(made["payUrl"]).attribute("state") == "closed"
    assert merchant.query(orderNo=made["orderNo"])["status"] == 2
    assert not Notification.objects.exists()


def test_the_qr_code_pays_and_never_leads_to_the_shop(merchant: Merchant, phones) -> None:
    made = merchant.create(returnUrl="https://shop.example/?login=secret")
    desktop, phone = phones("desktop"), phones("wechat")
    page = desktop.open(made["payUrl"])
    assert (page.attribute("channel"), page.attribute("view")) == ("desktop", "qr")
    scan_url = page.attribute("scan-url")
    scanned = phone.open(scan_url)
    assert scanned.data["returnUrl"] is None
    assert scanned.data["leaveUrl"] is None
    phone.confirm(scanned)
    wait_for(is_paid)
    assert phone.status(scanned) == {"state": "paid", "next": None}
    stranger = phone.open(scan_url + "/return")
    assert "shop.example" not in stranger.html
    following = desktop.status(page)
    assert following["next"]
    assert "https://shop.example/?login=secret" in desktop.open(following["next"]).html


def test_a_get_store_returns_by_303_with_its_fields_replaced(merchant: Merchant, phones) -> None:
    merchant.store.return_method = "get"
    merchant.store.save()
    made = merchant.create(partnerOrderNo="n1", returnUrl="https://shop.example/d?a=%C3%A9&orderNo=x#top")
    Order.objects.update(state="paid")
    phone = phones("desktop")
    phone.open(made["payUrl"])
    token = Order.objects.get().token
    answer = phone.session.get(f"{phone.root}/api/jspay/pay/{token}/return", allow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["Location"] == (
        f"https://shop.example/d?a=%C3%A9&partnerOrderNo=n1&orderNo={made['orderNo']}#top"
    )


def test_unknown_addresses_get_a_calm_404(merchant: Merchant, phones) -> None:
    page = phones("wechat").open("/api/jspay/pay/AAAAAAAAAAAAAAAAAAAAAA")
    assert (page.status, page.attribute("view")) == (404, "unknown")


def test_an_account_that_went_away_is_said_in_words(merchant: Merchant, phones) -> None:
    made = merchant.create()
    merchant.store.wallet_accounts.update(is_active=False)
    page = phones("wechat").open(made["payUrl"])
    assert page.attribute("view") == "no_account"


def test_a_platform_that_is_down_is_said_in_words(merchant: Merchant, phones, settings) -> None:
    made = merchant.create()
    settings.SCANFORPAY_PLATFORM_HOSTS = {
        "local_sandbox": {"Wechat": {"api": "http://127.0.0.1:9", "token": "http://127.0.0.1:9/token"}}
    }
    page = phones("wechat").open(made["payUrl"])
    assert (page.status, page.attribute("view")) == (503, "platform")
    assert Order.objects.get().state == "pending"


def test_every_page_goes_out_with_its_headers(merchant: Merchant, phones) -> None:
    made = merchant.create()
    for phone in (phones("wechat"), phones("desktop"), phones("alipay")):
        headers = phone.open(made["payUrl"]).headers
        policy = headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["Cache-Control"] == "private, no-store"
        assert headers["Referrer-Policy"] == "strict-origin"
