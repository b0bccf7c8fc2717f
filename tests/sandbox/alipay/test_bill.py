"""Alipay's trade bill, as accountants download it."""

import csv
import io
import zipfile
from datetime import timedelta

import pytest
import time_machine

from scanforpay_django import clock
from scanforpay_django.sandbox.models import Refund, Trade
from tests.sandbox.merchant import beijing_time

# A bill is out at any hour of the day after the next.
DAY = beijing_time(-2 * 86400)[:10]


def _backdate():
    moment = clock.now() - timedelta(days=2)
    Trade.objects.update(paid_at=moment, created_at=moment)
    Refund.objects.update(created_at=moment, finished_at=moment)


@pytest.fixture
def alipay_day(full_alipay):
    body = full_alipay.trade(scene="bar_code", auth_code="2812345678901234", time_expire=None)
    assert full_alipay.say("pay", body)["code"] == "10000"
    refund = {"out_trade_no": body["out_trade_no"], "refund_amount": "1.00", "out_request_no": "R1"}
    assert full_alipay.say("refund", refund)["fund_change"] == "Y"
    _backdate()
    return body


METHOD = "alipay.data.dataservice.bill.downloadurl.query"


def test_an_alipay_bill_is_a_zip_of_gbk_files(client, full_alipay, alipay_day):
    told, _ = full_alipay.ask(METHOD, {"bill_type": "trade", "bill_date": DAY})
    box = zipfile.ZipFile(io.BytesIO(client.get(told["bill_download_url"]).content))
    details, summary = sorted(box.namelist(), key=lambda name: "汇总" in name)
    lines = box.read(details).decode("gbk").splitlines()
    assert lines[0] == "#支付宝业务明细查询"
    rows = list(csv.reader(line for line in lines if not line.startswith("#")))
    head, paid, back = rows
    assert len(head) == len(paid) == len(back) == 25
    told = dict(zip(head, (value.strip() for value in paid), strict=True))
    assert told["商户订单号"] == alipay_day["out_trade_no"]
    assert (told["业务类型"], told["订单金额（元）"]) == ("交易", "21.00")
    back = dict(zip(head, (value.strip() for value in back), strict=True))
    assert (back["业务类型"], back["订单金额（元）"], back["退款批次号/请求号"]) == ("退款", "-1.00", "R1")
    assert "20.00" in box.read(summary).decode("gbk")


def test_an_alipay_bill_of_a_month(full_alipay, alipay_day):
    asked = {"bill_type": "trade", "bill_date": "2018-01"}
    assert full_alipay.ask(METHOD, asked)[0]["sub_code"] == "isp.bill_not_exist"
    asked["bill_date"] = "2018-13"
    assert full_alipay.ask(METHOD, asked)[0]["sub_code"] == "ACQ.INVALID_PARAMETER"


def test_todays_alipay_bill_does_not_exist(full_alipay, alipay_day):
    Trade.objects.update(paid_at=clock.now())
    asked = {"bill_type": "trade", "bill_date": beijing_time()[:10]}
    assert full_alipay.ask(METHOD, asked)[0]["sub_code"] == "isp.bill_not_exist"


def test_an_alipay_bills_address_is_short_lived(client, full_alipay, alipay_day):
    told, _ = full_alipay.ask(METHOD, {"bill_type": "trade", "bill_date": DAY})
    with time_machine.travel(clock.now() + timedelta(seconds=31)):
        assert client.get(told["bill_download_url"]).status_code == 403
    assert client.get("/sandbox/alipay/bill/x").status_code == 403
