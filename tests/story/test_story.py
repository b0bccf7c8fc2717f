"""One order, all the way, through every door."""

import time
from collections.abc import Callable

import pytest

from scanforpay_django.merchant_notify.delivery import drain
from scanforpay_django.models import Notification, Order, OrderEvent, Payment, PlatformNotification
from tests.house import Shop
from tests.merchant import SIGN_KEY, Merchant, split_verifies
from tests.phone import Page, Phone

pytestmark = pytest.mark.django_db(transaction=True)

WALLETS = [("wechat", "Wechat"), ("alipay", "Alipay")]


def wait_for(condition: Callable[[], object], seconds: float = 15) -> None:
    """Until the condition holds; the test fails when it never does."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.05)


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


@pytest.mark.parametrize(("app", "wallet"), WALLETS)
def test_reload_second_tab_and_pay_again_keep_one_payment(
    merchant: Merchant, phones, app: str, wallet: str
) -> None:
    made = merchant.create(wallet=wallet)
    phone = phones(app)
    first, second = phone.open(made["payUrl"]), phone.open(made["payUrl"])
    assert Payment.objects.count() == 1
    phone.confirm(first, "cancel")
    assert phone.confirm(second)["result"] == "ok"
    wait_for(is_paid)
    assert phone.open(made["payUrl"]).attribute("state") == "paid"


def test_another_phone_takes_over_only_after_the_first_attempt_is_closed(merchant: Merchant, phones) -> None:
    made = merchant.create()
    one, two = phones("wechat"), phones("wechat")
    stale = one.open(made["payUrl"])
    page = two.open(made["payUrl"])
    assert [p.state for p in Payment.objects.order_by("pk")] == ["closed", "open"]
    assert one.confirm(stale)["result"] != "ok"
    assert two.confirm(page)["result"] == "ok"
    wait_for(is_paid)


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


def test_who_did_not_open_the_pay_url_is_not_sent_to_the_shop(merchant: Merchant, phones) -> None:
    made = merchant.create(returnUrl="https://shop.example/done")
    Order.objects.update(state="paid")
    token = Order.objects.get().token
    page = phones("wechat").open(f"/api/jspay/pay/{token}/return")
    assert "<form" not in page.html
    assert Order.objects.get().returned_at is None
    assert made["code"] == 1


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


@pytest.mark.parametrize(
    ("app", "wallet", "word"), [("wechat", "Alipay", "支付宝"), ("alipay", "Wechat", "微信支付")]
)
def test_the_wrong_app_says_which_one_to_open(
    merchant: Merchant, phones, app: str, wallet: str, word: str
) -> None:
    page = phones(app).open(merchant.create(wallet=wallet)["payUrl"])
    assert page.attribute("view") == "wrong_app"
    assert word in page.html
    assert not Payment.objects.exists()


def test_a_used_or_foreign_sign_in_starts_anew(merchant: Merchant, phones) -> None:
    made = merchant.create()
    phone = phones("wechat")
    first = phone.session.get(made["payUrl"], allow_redirects=False)
    at_platform = phone.session.get(first.headers["Location"], allow_redirects=False)
    callback = at_platform.headers["Location"]
    assert phone.open(callback).attribute("view") == "bridge"
    # The back button: the code is used up, the page is there all the same.
    assert phone.open(callback).attribute("view") == "bridge"
    stranger = phones("wechat").open(callback)
    assert stranger.attribute("view") == "cookies"
    assert phones("wechat").open(callback.replace("state=", "state=x")).status == 404


def test_a_refused_sign_in_does_not_go_round_for_ever(merchant: Merchant, phones) -> None:
    made = merchant.create()
    phone = phones("wechat")
    url = made["payUrl"]
    for _ in range(4):
        answer = phone.session.get(url, allow_redirects=False)
        if answer.status_code == 200:
            break
        state = answer.headers["Location"].split("state=")[1].split("#")[0]
        phone.session.get(f"{phone.root}/api/jspay/oauth/wechat?state={state}", allow_redirects=False)
    assert 'data-view="sign_in"' in answer.text


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
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "strict-origin"
