"""Clients of WeChat Pay that others wrote pay at the sandbox, which answers them as the platform does."""

import secrets
import time
from datetime import UTC, datetime, timedelta

import pytest

from scanforpay_django.sandbox import faults
from scanforpay_django.sandbox.clock import wall_clock
from scanforpay_django.sandbox.merchants import (
    issue_wechat_credentials,
    issue_wechat_partner_credentials,
)
from scanforpay_django.sandbox.models import Merchant, Refund, Trade
from scanforpay_django.sandbox.phone import payer_at
from tests.sandbox.families import certificate_serial
from tests.sandbox.merchant import rfc3339
from tests.sandbox.sdks.process import ClientError
from tests.sandbox.sdks.table import AXIOS_PLUGIN, WECHATPAY_NODE, WECHATPAYV3, runs

MODES = {
    "direct, public key": ("public_key", False),
    "direct, platform certificate": ("certificate", False),
    "service provider, public key": ("public_key", True),
    "service provider, platform certificate": ("certificate", True),
}
ADDRESS = "203.0.113.7"


class Shop:
    """A merchant that calls with one SDK in one mode."""

    def __init__(self, start_client, row, listener, sdk, mode):
        key_mode, self.partner = MODES[mode]
        issue = issue_wechat_partner_credentials if self.partner else issue_wechat_credentials
        self.config, self.secrets = issue(key_mode)
        settings = {"config": self.config, "secrets": self.secrets, "partner": self.partner}
        if "platform_certificates" in self.config:
            settings["platform_serial"] = certificate_serial(self.config["platform_certificates"])
        self.client = start_client(sdk, settings)
        self.sdk, self.listener = sdk, listener
        # wechatpayv3 has no name for it
        self.extra = {} if sdk is WECHATPAYV3 else {"limit_pay": ["no_credit"]}
        self.row = row(sdk, mode)

    def order(self, **more):
        """The fields of an order, whoever the parties are."""
        return (
            {
                "description": "两杯咖啡",
                "out_trade_no": secrets.token_hex(12),
                "time_expire": rfc3339(1800),
                "notify_url": self.listener.url,
                "amount": {"total": 2100, "currency": "CNY"},
                "attach": "kept 留",
            }
            | self.extra
            | more
        )

    def create(self, product, order):
        told = self.client.call("create", product=product, order=order)
        assert told["status"] == 200, told
        return told["body"]

    def ask(self, name, **given):
        told = self.client.call(name, **given)
        assert told["status"] == 200, told
        return told["body"]

    def notified(self, count):
        """The ``count``-th notification as the client verified and opened it."""
        assert self.listener.wait_for(count)
        headers, body = self.listener.received[count - 1]
        return self.client.call("notification", headers=headers, body=body.decode())


RUNS = [
    *((sdk, mode) for sdk in (WECHATPAYV3, AXIOS_PLUGIN) for mode in MODES),
    # it knows no other mode
    (WECHATPAY_NODE, "direct, platform certificate"),
]


@pytest.fixture(params=runs(RUNS))
def shop(request, start_client, row, listener):
    return Shop(start_client, row, listener, *request.param)


def paid_by_code(shop, pay):
    with shop.row.cell("native"):
        order = shop.order()
        code = shop.create("native", order)["code_url"]
    with shop.row.cell("pay"):
        assert pay("scan", {"code": code})["result"] == "ok"
    with shop.row.cell("notification"):
        told = shop.notified(1)
        assert told["event_type"] == "TRANSACTION.SUCCESS"
        assert told["resource"]["out_trade_no"] == order["out_trade_no"]
        assert told["resource"]["amount"]["total"] == 2100
    return order, told["resource"]["transaction_id"]


def asked_about(shop, order, transaction_id):
    with shop.row.cell("query"):
        told = shop.ask("query", out_trade_no=order["out_trade_no"])
        assert (told["trade_state"], told["attach"]) == ("SUCCESS", order["attach"])
        assert told["transaction_id"] == transaction_id
    with shop.row.cell("query by id"):
        told = shop.ask("query", transaction_id=transaction_id)
        assert told["out_trade_no"] == order["out_trade_no"]


def given_back(shop, order):
    number = secrets.token_hex(12)
    wanted = {
        "out_trade_no": order["out_trade_no"],
        "out_refund_no": number,
        "reason": "一杯凉了",
        "amount": {"refund": 700, "total": 2100, "currency": "CNY"},
        "notify_url": shop.listener.url,
    }
    with shop.row.cell("refund"):
        told = shop.ask("refund", wanted=wanted)
        assert (told["status"], told["amount"]["refund"]) == ("PROCESSING", 700)
        assert shop.ask("refund", wanted=wanted)["refund_id"] == told["refund_id"]
    with shop.row.cell("refund notification"):
        opened = shop.notified(2)
        assert opened["event_type"] == "REFUND.SUCCESS"
        assert opened["resource"]["refund_id"] == told["refund_id"]
    with shop.row.cell("refund query"):
        asked = shop.ask("refund_query", out_refund_no=number)
        assert (asked["status"], asked["out_refund_no"]) == ("SUCCESS", number)


def in_the_bill(shop, order):
    # Its bill is out at any hour.
    moment = datetime.now(UTC) - timedelta(days=2)
    Trade.objects.update(paid_at=moment)
    Refund.objects.update(created_at=moment)
    with shop.row.cell("bill"):
        told = shop.ask("bill", day=wall_clock(moment)[:10])
        assert order["out_trade_no"] in told["text"]
        assert told["text"].splitlines()[0].lstrip("\ufeff").startswith("交易时间,公众账号ID")
        assert len(told["text"].splitlines()) == 1 + 2 + 2


def other_products(shop, pay, client):
    home = Merchant.objects.get(app_id=shop.config["appid"])
    openid = payer_at(home, "somebody1").payer_id
    client.cookies["scanforpay_sandbox_user"] = "somebody1"
    with shop.row.cell("jsapi"):
        payer = {"sp_openid" if shop.partner else "openid": openid}
        prepay_id = shop.create("jsapi", shop.order(payer=payer))["prepay_id"]
        stamp, nonce = str(int(time.time())), secrets.token_hex(16)
        sign = shop.client.call("bridge", prepay_id=prepay_id, timestamp=stamp, nonce=nonce)
        called = {"appId": shop.config["appid"], "timeStamp": stamp, "nonceStr": nonce, "signType": "RSA",
                  "package": f"prepay_id={prepay_id}", "paySign": sign}  # fmt: skip
        assert pay("wechat_bridge", called)["result"] == "ok"
    with shop.row.cell("h5"):
        scene = {"payer_client_ip": ADDRESS, "h5_info": {"type": "Wap"}}
        url = shop.create("h5", shop.order(scene_info=scene))["h5_url"]
        assert url.startswith("https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx")
        page = client.get(url.removeprefix("https://wx.tenpay.com"), headers={
            "Host": "wx.tenpay.com", "Referer": "http://localhost:8000/"})  # fmt: skip
        assert page.status_code == 200, page.content
    with shop.row.cell("app"):
        assert shop.create("app", shop.order())["prepay_id"].startswith("wx")


def at_the_till(shop):
    scene = {"store_info": {"out_id": "till-1"}}
    barcode = {"auth_code": "134567890123456789"}
    order = shop.order(payer=barcode, scene_info=scene)
    order = {
        name: value for name, value in order.items() if name not in ("notify_url", "time_expire", "limit_pay")
    }
    with shop.row.cell("codepay"):
        assert shop.create("codepay", order)["trade_state"] == "SUCCESS"
    with shop.row.cell("reverse"):
        told = shop.client.call("reverse", out_trade_no=order["out_trade_no"])
        assert told["status"] in (200, 204), told
        assert shop.ask("query", out_trade_no=order["out_trade_no"])["trade_state"] == "REVOKED"


def closed_and_refused(shop):
    order = shop.order()
    shop.create("native", order)
    with shop.row.cell("close"):
        assert shop.client.call("close", out_trade_no=order["out_trade_no"])["status"] == 204
        assert shop.ask("query", out_trade_no=order["out_trade_no"])["trade_state"] == "CLOSED"
    with shop.row.cell("refusal"):
        told = shop.client.call("create", product="native", order=shop.order(out_trade_no="short"))
        assert (told["status"], told["body"]["code"]) == (400, "PARAM_ERROR")


def forged(shop):
    with shop.row.cell("forgery"):
        faults.arm("answer-bad-signature")
        with pytest.raises(ClientError, match=r"verify the signature|Verify the response"):
            shop.ask("query", out_trade_no=Trade.objects.first().out_trade_no)


def everything(shop, pay, client):
    order, transaction_id = paid_by_code(shop, pay)
    asked_about(shop, order, transaction_id)
    given_back(shop, order)
    in_the_bill(shop, order)
    other_products(shop, pay, client)
    closed_and_refused(shop)
    if shop.sdk is not WECHATPAY_NODE:
        # it has no such calls, and verifies notifications alone
        at_the_till(shop)
        forged(shop)


@pytest.mark.parametrize("run", runs([(AXIOS_PLUGIN, "direct, public key")]))
def test_a_number_is_signed_as_it_stands_in_the_path(run, start_client, row, listener):
    # wechatpayv3 signs another path than it sends here
    shop = Shop(start_client, row, listener, *run)
    order = shop.order(out_trade_no="aZ09_-|*|")
    shop.client.call("create", product="native", order=order)
    assert shop.ask("query", out_trade_no=order["out_trade_no"])["trade_state"] == "NOTPAY"


def test_it_pays_is_notified_and_gives_back(shop, pay, client):
    everything(shop, pay, client)
