"""Clients of Alipay that others wrote pay at the sandbox, which answers them as the gateway does."""

import secrets
from datetime import UTC, datetime, timedelta

import pytest

from scanforpay_django.sandbox import faults
from scanforpay_django.sandbox.clock import wall_clock
from scanforpay_django.sandbox.merchants import issue_alipay_credentials
from scanforpay_django.sandbox.models import Trade
from tests.sandbox.families import FullAlipay, form_of, sheet_of
from tests.sandbox.merchant import beijing_time
from tests.sandbox.sdks.process import ClientError
from tests.sandbox.sdks.table import ALIPAY_NODE, ALIPAY_PYTHON, PYTHON_ALIPAY, Sdk, runs

BACK = "https://shop.example/back"
MODES = {
    "key": {},
    "certificate": {"certificates": True},
    "open_id": {"open_id_only": True},
    "ISV": {"isv": True},
}
RUNS = [
    *((ALIPAY_NODE, mode) for mode in MODES),
    # it has no certificates
    *((ALIPAY_PYTHON, mode) for mode in MODES if mode != "certificate"),
    *((PYTHON_ALIPAY, mode) for mode in MODES),
]


class Shop:
    """A merchant that calls with one SDK in one mode."""

    def __init__(self, sdk: Sdk, mode, start_client, row, listener, client):
        self.config, self.secrets = issue_alipay_credentials(**MODES[mode])
        self.client = start_client(sdk, {"config": self.config, "secrets": self.secrets})
        self.listener, self.phone, self.mode = listener, client, mode
        self.row = row(sdk, mode)
        listener.answers = [(200, b"success")]

    def trade(self, **more):
        """The fields of a trade."""
        return {
            "out_trade_no": secrets.token_hex(12),
            "total_amount": "21.00",
            "subject": "两杯咖啡",
            "time_expire": beijing_time(1800),
        } | more

    def call(self, word, biz, **more):
        """The payload of alipay.trade.<word>, its signature verified by the client."""
        told = self.client.call("call", method=f"alipay.trade.{word}", biz=biz, **more)
        assert told["code"] == "10000", told
        return told

    def sign_in(self):
        code = FullAlipay(self.phone, (self.config, self.secrets)).code()
        return self.client.call("token", code=code)

    def notified(self, count):
        """The form of the ``count``-th notification, after the client took it for genuine."""
        assert self.listener.wait_for(count)
        form = form_of(self.listener.received[count - 1][1])
        assert self.client.call("notification", form=form) is True
        assert self.client.call("notification", form={**form, "total_amount": "0.01"}) is False
        return form


def paid_by_code(shop, pay):
    trade = shop.trade()
    with shop.row.cell("precreate"):
        code = shop.call("precreate", trade, notify_url=shop.listener.url)["qr_code"]
        assert code.startswith("https://qr.alipay.com/bax")
    with shop.row.cell("pay"):
        assert pay("scan", {"code": code})["result"] == "ok"
    with shop.row.cell("notification"):
        form = shop.notified(1)
        assert (form["trade_status"], form["out_trade_no"]) == ("TRADE_SUCCESS", trade["out_trade_no"])
    with shop.row.cell("query"):
        told = shop.call("query", {"out_trade_no": trade["out_trade_no"]})
        assert (told["trade_status"], told["total_amount"]) == ("TRADE_SUCCESS", "21.00")
        assert shop.call("query", {"trade_no": told["trade_no"]})["out_trade_no"] == trade["out_trade_no"]
    return trade


def given_back(shop, trade):
    wanted = {"out_trade_no": trade["out_trade_no"], "refund_amount": "7.00", "out_request_no": "R1"}
    with shop.row.cell("refund"):
        told = shop.call("refund", wanted)
        assert (told["fund_change"], told["refund_fee"]) == ("Y", "7.00")
        assert shop.call("refund", wanted)["fund_change"] == "N"
    with shop.row.cell("refund query"):
        asked = {"out_trade_no": trade["out_trade_no"], "out_request_no": "R1"}
        told = shop.call("fastpay.refund.query", asked)
        assert (told["refund_status"], told["refund_amount"]) == ("REFUND_SUCCESS", "7.00")


def in_the_bill(shop):
    # Its bill is out at any hour.
    moment = datetime.now(UTC) - timedelta(days=2)
    Trade.objects.update(paid_at=moment)
    with shop.row.cell("bill"):
        told = shop.client.call(
            "call",
            method="alipay.data.dataservice.bill.downloadurl.query",
            biz={"bill_type": "trade", "bill_date": wall_clock(moment)[:10]},
        )
        url = told["bill_download_url"]
        assert url.startswith("https://dwbillcenter.alipay.com/")
        path = url.removeprefix("https://dwbillcenter.alipay.com")
        assert shop.phone.get(path, headers={"Host": "dwbillcenter.alipay.com"}).content.startswith(b"PK")


def in_the_app(shop, pay):
    with shop.row.cell("sign-in"):
        buyer = shop.sign_in()
        assert ("user_id" in buyer) == (shop.mode != "open_id")
    with shop.row.cell("create"):
        known = (
            {"buyer_open_id": buyer["open_id"]} if shop.mode == "open_id" else {"buyer_id": buyer["user_id"]}
        )
        trade_no = shop.call("create", shop.trade(**known))["trade_no"]
        assert pay("alipay_bridge", {"tradeNO": trade_no})["result"] == "ok"


def on_the_phone(shop, confirm, heard):
    trade = shop.trade(quit_url=BACK)
    with shop.row.cell("wap"):
        url = shop.client.call("page", biz=trade, notify_url=shop.listener.url, return_url=BACK)
        assert url.startswith("https://openapi.alipay.com/gateway.do?")
        path = url.removeprefix("https://openapi.alipay.com")
        page = shop.phone.get(path, headers={"Host": "openapi.alipay.com"})
        assert sheet_of(page)["cancel"] == BACK
        assert confirm(page)["next"].startswith(f"{BACK}?")
        assert shop.notified(heard + 1)["out_trade_no"] == trade["out_trade_no"]
    with shop.row.cell("refund notification"):
        shop.call("refund", {"out_trade_no": trade["out_trade_no"], "refund_amount": "21.00"})
        assert shop.notified(heard + 2)["refund_fee"] == "21.00"


def at_the_till(shop):
    barcode = shop.trade(scene="bar_code", auth_code="281234567890123456")
    with shop.row.cell("barcode"):
        assert shop.call("pay", barcode)["total_amount"] == "21.00"
    with shop.row.cell("cancel"):
        assert shop.call("cancel", {"out_trade_no": barcode["out_trade_no"]})["action"] == "refund"


def closed(shop):
    trade = shop.trade(buyer_id=shop.sign_in()["user_id"]) if shop.mode != "open_id" else shop.trade(
        buyer_open_id=shop.sign_in()["open_id"])  # fmt: skip
    shop.call("create", trade)
    with shop.row.cell("close"):
        shop.call("close", {"out_trade_no": trade["out_trade_no"]})
        told = shop.call("query", {"out_trade_no": trade["out_trade_no"]})
        assert told["trade_status"] == "TRADE_CLOSED"


def refused(shop):
    with shop.row.cell("refusal"):
        told = shop.client.call("call", method="alipay.trade.query", biz={"out_trade_no": "nobody"})
        assert (told["code"], told["sub_code"]) == ("40004", "ACQ.TRADE_NOT_EXIST")


def forged(shop):
    with shop.row.cell("forgery"):
        faults.arm("answer-bad-signature")
        with pytest.raises(ClientError, match=r"sign|Sign|AliPayValidationError"):
            shop.call("query", {"out_trade_no": Trade.objects.first().out_trade_no})


def everything(shop, pay, confirm):
    trade = paid_by_code(shop, pay)
    given_back(shop, trade)
    in_the_bill(shop)
    in_the_app(shop, pay)
    on_the_phone(shop, confirm, heard=1)
    at_the_till(shop)
    closed(shop)
    refused(shop)
    forged(shop)


@pytest.mark.parametrize("run", runs(RUNS))
def test_it_pays_is_notified_and_gives_back(run, start_client, row, listener, client, pay, confirm):
    everything(Shop(*run, start_client, row, listener, client), pay, confirm)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
@pytest.mark.parametrize("run", runs([(sdk, "key") for sdk in (ALIPAY_NODE, ALIPAY_PYTHON, PYTHON_ALIPAY)]))
def test_a_host_in_another_zone_is_answered(run, zone, start_client):
    config, hidden = issue_alipay_credentials()
    client = start_client(run[0], {"config": config, "secrets": hidden}, zone=zone)
    told = client.call("call", method="alipay.trade.query", biz={"out_trade_no": "nobody"})
    assert told["sub_code"] == "ACQ.TRADE_NOT_EXIST"
