"""The pytest fixture for other people's tests."""

import hashlib

import pytest
from django.test import Client

from scanforpay_django import checkout, handlers
from scanforpay_django.sandbox.models import SandboxFault
from scanforpay_django.sandbox.testing import CustomerError
from tests.sandbox import pay_pages
from tests.sandbox.families import Direct
from tests.sandbox.merchant import Wechat

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick_repeats")]


def show(channel, kind, params):
    pay_pages.scene.app = channel
    pay_pages.scene.data = {"kind": kind, "params": params, "statusUrl": "/pages/status", "returnUrl": "/end"}


def find_partner(family, client, account):
    return family(client, (account.config, account.secrets()))


def test_the_fixture_makes_accounts_of_every_kind(sandbox, store):
    made = [
        sandbox.wechat_account(store, key_mode="migration"),
        sandbox.alipay_account(store, certificates=True),
        sandbox.wechat_global_account(store),
        sandbox.alipay_global_account(store),
        sandbox.wechat_account(store, partner=True, is_active=False),
        sandbox.alipay_account(store, isv=True, open_id_only=True, is_active=False),
    ]
    assert {account.environment for account in made} == {"local_sandbox"}
    assert [account.wallet for account in made[:4]] == ["Wechat", "Alipay", "WechatGlobal", "AlipayHK"]
    assert "sub_mchid" in made[4].config
    assert "app_auth_token" in made[5].secrets()
    for account in made:
        assert sandbox.fault("http-500", account=account).merchant is not None
    sandbox.clear_faults()
    assert not SandboxFault.objects.exists()


def test_the_fixture_confirms_and_finishes(sandbox, store, client):
    account = sandbox.wechat_account(store)
    merchant = find_partner(Direct, client, account)
    body = merchant.barcode_body("134567890123456781")
    merchant.post("codepay", body)
    assert sandbox.confirm(sandbox.trades[0])
    sandbox.fault("refund-pending", account=account)
    merchant.refund(merchant.refund_body(body["out_trade_no"]))
    assert sandbox.refunds[0].state == "PROCESSING"
    assert sandbox.finish_refund(sandbox.refunds[0])
    assert sandbox.refunds[0].state == "SUCCESS"
    assert sandbox.wait_for_notices()


def test_the_fixture_pays_in_the_app(sandbox, store, client, live_server, monkeypatch):
    monkeypatch.setattr("tests.sandbox.merchant.BACK", f"{live_server.url}/back")
    account = sandbox.wechat_account(store)
    ann = Client()
    ann.cookies["scanforpay_sandbox_user"] = hashlib.sha256(b"sandbox customer Ann").hexdigest()[:32]
    merchant = find_partner(Wechat, client, account)
    prepay_id = merchant.order(merchant.order_body(merchant.openid(ann))).json()["prepay_id"]
    show("wechat", "bridge", merchant.bridge(prepay_id))
    assert sandbox.pay(f"{live_server.url}/pages/pay", user="Ann").state == "paid"


SHIPPED = []


def ship(order):
    SHIPPED.append(order.partner_order_no)


def raise_out_of_stock(order):
    raise LookupError("out of stock")


@pytest.fixture
def register():
    """Registers handlers for the time of a test."""
    SHIPPED.clear()
    registered = []

    def add(function):
        checkout.on_paid(function)
        registered.append(function)

    yield add
    for function in registered:
        handlers.unregister(handlers.ON_PAID, function)


@pytest.mark.parametrize(
    ("make", "wallet", "currency", "app"),
    [
        ("wechat_account", "Wechat", "CNY", "WeChat Pay"),
        ("alipay_account", "Alipay", "CNY", "Alipay"),
        ("alipay_account", None, "CNY", "Alipay"),
        ("wechat_global_account", "Wechat", "HKD", "WeChat Pay"),
        ("alipay_global_account", "AlipayHK", "HKD", "AlipayHK"),
    ],
)
def test_an_order_is_paid_in_its_own_app(scanforpay_sandbox, store, make, wallet, currency, app):
    getattr(scanforpay_sandbox, make)(store)
    order = checkout.create(number="A-1", amount=2100, wallet=wallet, currency=currency)
    done = scanforpay_sandbox.pay(order)
    assert (done.state, order.state) == ("paid", "paid")
    assert [step for step in done.steps if step.startswith(f"{app}: paid ")]


def test_where_the_customer_may_choose_the_first_account_pays(scanforpay_sandbox, store):
    scanforpay_sandbox.alipay_account(store)
    scanforpay_sandbox.wechat_account(store)
    orders = [checkout.create(number=f"A-{number}", amount=2100) for number in range(3)]
    scanforpay_sandbox.pay(orders[0])
    scanforpay_sandbox.pay(orders[1], as_="wechat")
    scanforpay_sandbox.pay(orders[2].pay_url)
    orders[2].refresh_from_db()
    assert [order.wallet for order in orders] == ["Alipay", "Wechat", "Wechat"]


def test_a_customer_of_an_order_may_cancel(scanforpay_sandbox, store):
    scanforpay_sandbox.wechat_account(store)
    order = checkout.create(number="A-1", amount=2100)
    assert scanforpay_sandbox.pay(order, outcome="cancel").state == "pending"


@pytest.mark.parametrize(
    ("wallet", "currency", "makers"),
    [
        ("Wechat", "CNY", "scanforpay_sandbox.wechat_account(store)"),
        ("Wechat", "USD", 'scanforpay_sandbox.wechat_global_account(store, currencies="USD")'),
        ("Alipay", "HKD", 'scanforpay_sandbox.alipay_global_account(store, wallet="AlipayGlobal")'),
        (None, "CNY", "scanforpay_sandbox.wechat_account(store) or scanforpay_sandbox.alipay_account(store)"),
    ],
)
def test_a_store_without_an_account_is_told_what_makes_one(
    scanforpay_sandbox, store, wallet, currency, makers
):
    for made in (
        scanforpay_sandbox.wechat_account(store),
        scanforpay_sandbox.wechat_global_account(store),
        scanforpay_sandbox.alipay_account(store),
        scanforpay_sandbox.alipay_global_account(store, wallet="AlipayGlobal"),
    ):
        made.currencies = f"{made.currencies} {currency}"
        made.save()
    order = checkout.create(number="A-1", amount=2100, wallet=wallet, currency=currency)
    # One that would ask the real platform is as good as none.
    store.wallet_accounts.update(environment="production")
    with pytest.raises(CustomerError) as told:
        scanforpay_sandbox.pay(order)
    assert store.store_no in str(told.value)
    assert makers in str(told.value)


def test_work_calls_the_handlers_and_one_that_raises_is_logged(scanforpay_sandbox, store, register, caplog):
    register(ship)
    register(raise_out_of_stock)
    scanforpay_sandbox.wechat_account(store)
    scanforpay_sandbox.pay(checkout.create(number="A-1", amount=2100))
    assert SHIPPED == []
    scanforpay_sandbox.work()
    scanforpay_sandbox.work()
    assert SHIPPED == ["A-1"]
    assert "out of stock" in caplog.text


def test_work_delivers_and_refunds(scanforpay_sandbox, store, listener):
    scanforpay_sandbox.wechat_account(store)
    order = checkout.create(number="A-1", amount=2100)
    type(order).objects.filter(pk=order.pk).update(notify_url=listener.url)
    scanforpay_sandbox.pay(order)
    checkout.refund(order, 500)
    scanforpay_sandbox.work()
    assert listener.wait_for(1)
    assert b"A-1" in listener.received[0][1]
    assert [refund.amount for refund in scanforpay_sandbox.refunds] == [500]
