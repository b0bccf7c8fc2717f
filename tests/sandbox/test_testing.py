"""The pytest fixture for other people's tests."""

import hashlib

import pytest
from django.test import Client

from scanforpay_django.sandbox.models import SandboxFault
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
