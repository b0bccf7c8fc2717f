"""One address for all wallets: the customer pays with the one at hand, and everybody is told which it was."""

import pytest

from scanforpay_django import checkout
from scanforpay_django.flows.poll_platforms import poll_platforms
from scanforpay_django.merchant_notify.delivery import drain
from scanforpay_django.models import Order, Payment, Refund
from tests.house import Shop
from tests.merchant import Merchant
from tests.phone import Phone
from tests.waiting import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]

APPS = {"wechat": "Wechat", "alipay": "Alipay"}


def is_paid() -> bool:
    return Order.objects.get().state == Order.State.PAID


@pytest.mark.parametrize(("first", "second"), [("wechat", "alipay"), ("alipay", "wechat")])
def test_the_second_wallet_closes_the_first_and_gives_the_order_its_name(
    merchant: Merchant, shop: Shop, phones, first: str, second: str
) -> None:
    made = merchant.create(wallet="Any", partnerOrderNo="tea-1", notifyUrl=shop.url)
    assert merchant.query(partnerOrderNo="tea-1")["wallet"] == "Any"
    left = phones(first)
    left_page = left.open(made["payUrl"])
    assert (left_page.attribute("channel"), left_page.attribute("view")) == (first, "bridge")
    chosen = phones(second)
    page = chosen.open(made["payUrl"])
    assert (page.attribute("channel"), page.attribute("view")) == (second, "bridge")
    states = dict(Payment.objects.values_list("wallet", "state"))
    assert states == {APPS[first]: "closed", APPS[second]: "open"}
    # The first phone's sheet is still there, and takes no money any more.
    assert left.confirm(left_page)["result"] != "ok"

    assert chosen.confirm(page)["result"] == "ok"
    wait_for(is_paid)
    assert drain(max_seconds=10).delivered == 1
    told, asked = shop.told()[0], merchant.query(partnerOrderNo="tea-1")
    assert told == asked
    assert (asked["status"], asked["wallet"]) == (1, APPS[second])
    # The create call is repeated by a shop that lost our answer: it is the same order as before.
    again = merchant.create(wallet="Any", partnerOrderNo="tea-1", notifyUrl=shop.url)
    assert (again["code"], again["payUrl"]) == (1, made["payUrl"])


@pytest.mark.parametrize("app", APPS)
def test_a_refund_goes_back_through_the_wallet_that_paid(merchant: Merchant, phones, app: str) -> None:
    made = merchant.create(wallet="Any", partnerOrderNo="tea-1")
    phone = phones(app)
    phone.confirm(phone.open(made["payUrl"]))
    wait_for(is_paid)
    body = {"partnerOrderNo": "tea-1", "refundNo": "r-1", "orderAmount": 2100}
    assert merchant.call("/api/common/refund", body)["code"] == 1
    wait_for(lambda: bool(poll_platforms()) or Order.objects.get().state == "refunded")
    refund = Refund.objects.get()
    assert (refund.state, refund.payment.wallet) == ("succeeded", APPS[app])


def test_one_code_on_a_computer_serves_both(merchant: Merchant, phones) -> None:
    made = merchant.create(wallet="Any")
    page = phones("desktop").open(made["payUrl"])
    assert (page.attribute("view"), page.attribute("scan-url").startswith("http")) == ("qr", True)
    assert not Payment.objects.exists()
    for app in APPS:
        assert phones(app).open(page.attribute("scan-url")).attribute("view") == "bridge"


def test_close_ends_what_any_wallet_has_open(merchant: Merchant, phones) -> None:
    made = merchant.create(wallet="Any", partnerOrderNo="tea-1")
    phone = phones("alipay")
    page = phone.open(made["payUrl"])
    told = merchant.call("/api/common/close", {"partnerOrderNo": "tea-1", "action": "close"})
    assert told["code"] == 1
    assert phone.confirm(page)["result"] != "ok"
    order = Order.objects.get()
    assert (order.state, order.wallet, order.payments.get().state) == ("closed", "Any", "closed")
    # Nobody has paid: the order keeps the word that it was created with.
    assert merchant.query(partnerOrderNo="tea-1")["wallet"] == "Any"


def test_an_order_made_in_python_takes_any_wallet(merchant: Merchant, phones) -> None:
    checkout.create(number="cart-1", amount=2100, title="Oolong", return_url="/thanks/")
    order = Order.objects.get()
    phone = phones("alipay")
    assert phone.confirm(phone.open(checkout.get("cart-1").pay_url))["result"] == "ok"
    wait_for(is_paid)
    assert (order.wallet, checkout.get("cart-1").wallet) == ("Any", "Alipay")


def tap(phone: Phone, page: str, wallet: str) -> int:
    """Press a wallet's button and stay: the browser does not get to the platform."""
    address = f"{phone.root}{page}/go"
    return phone.session.post(address, data={"wallet": wallet}, allow_redirects=False, timeout=20).status_code


def test_who_turns_back_before_one_wallet_pays_with_the_other(merchant: Merchant, shop: Shop, phones) -> None:
    """A wap page that was never opened cannot be closed at Alipay: it locks nobody out of WeChat Pay."""
    merchant.store.wallet_accounts.update(grants="jsapi h5 trade_create wap")
    made = merchant.create(wallet="Any", partnerOrderNo="tea-1", notifyUrl=shop.url)
    page = made["payUrl"].removeprefix(phones("mobile").root)
    phone = phones("mobile")
    assert phone.open(page).attribute("view") == "choose"
    for wallet in ("Alipay", "Wechat", "Alipay", "Wechat"):
        assert tap(phone, page, wallet) == 303, wallet
    states = set(Payment.objects.values_list("wallet", "product", "state"))
    assert {("Alipay", "wap", "closing"), ("Wechat", "h5", "open")} <= states
    # In WeChat the first phone's page is closed, and the order paid.
    inside = phones("wechat")
    assert inside.confirm(inside.open(made["payUrl"]))["result"] == "ok"
    wait_for(is_paid)
    assert merchant.query(partnerOrderNo="tea-1")["wallet"] == "Wechat"
    assert Payment.objects.filter(state="open").count() == 0


def test_a_wap_page_that_was_opened_is_closed_first(merchant: Merchant, phones) -> None:
    merchant.store.wallet_accounts.update(grants="jsapi h5 trade_create wap")
    made = merchant.create(wallet="Any")
    page = made["payUrl"].removeprefix(phones("mobile").root)
    phone = phones("mobile")
    phone.post(f"{page}/go", data={"wallet": "Alipay"})
    assert tap(phone, page, "Wechat") == 303
    assert dict(Payment.objects.values_list("wallet", "state")) == {"Alipay": "closed", "Wechat": "open"}
