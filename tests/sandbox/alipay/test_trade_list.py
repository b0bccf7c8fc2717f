"""The list of sales, as an accountant's client asks for it."""

import json
from datetime import timedelta

import pytest

from scanforpay_django import clock
from scanforpay_django.sandbox.faults import arm
from scanforpay_django.sandbox.models import Trade
from tests.sandbox.merchant import beijing_time


def span(**changes):
    return {"start_time": beijing_time(-60), "end_time": beijing_time(60), **changes}


@pytest.fixture
def sold(full_alipay):
    body = full_alipay.trade(scene="bar_code", auth_code="2812345678901234", time_expire=None)
    assert full_alipay.say("pay", body)["code"] == "10000"
    return body


def say(full_alipay, body):
    return full_alipay.ask("alipay.data.bill.sell.query", body)[0]


def test_what_was_sold_is_listed_by_its_numbers(full_alipay, sold):
    found = say(full_alipay, span())
    assert (found["code"], found["total_size"], found["page_no"], found["page_size"]) == (
        "10000",
        "1",
        "1",
        "2000",
    )
    (item,) = found["detail_list"]
    assert (item["merchant_order_no"], item["total_amount"], item["trade_status"]) == (
        sold["out_trade_no"], sold["total_amount"], "成功",
    )  # fmt: skip
    assert item["gmt_pay"]
    assert "passback_params" not in json.dumps(found)
    number = item["alipay_order_no"]
    assert say(full_alipay, span(alipay_order_no=number))["total_size"] == "1"
    assert say(full_alipay, span(merchant_order_no="another"))["total_size"] == "0"


def test_what_went_back_in_full_is_closed(full_alipay, sold):
    refund = {
        "out_trade_no": sold["out_trade_no"],
        "refund_amount": sold["total_amount"],
        "out_request_no": "R1",
    }
    assert full_alipay.say("refund", refund)["fund_change"] == "Y"
    (item,) = say(full_alipay, span())["detail_list"]
    assert (item["trade_status"], item["refund_amount"]) == ("关闭", sold["total_amount"])
    assert item["gmt_refund"]


def test_the_end_is_not_part_of_the_span(full_alipay, sold):
    made = clock.now().replace(microsecond=0) - timedelta(minutes=10)
    Trade.objects.update(created_at=made)
    edge = beijing_time(-600)
    assert say(full_alipay, span(start_time=edge))["total_size"] == "1"
    assert say(full_alipay, {"start_time": beijing_time(-900), "end_time": edge})["total_size"] == "0"


def test_it_comes_in_pages(full_alipay, sold):
    assert say(full_alipay, span(page_no="2", page_size="1000"))["detail_list"] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"page_size": "10"},
        {"page_size": "2001"},
        {"page_no": "0"},
        {"start_time": "2026-11-30"},
        {"end_time": None},
        {"end_time": beijing_time(-60)},
        {"end_time": beijing_time(31 * 86400 + 60)},
    ],
)
def test_what_the_platform_does_not_take_is_refused(full_alipay, wrong):
    body = {name: value for name, value in span(**wrong).items() if value is not None}
    assert say(full_alipay, body)["sub_code"] == "ACQ.INVALID_PARAMETER"


def test_an_app_without_the_product_is_refused(full_alipay):
    arm("list-not-granted")
    found = say(full_alipay, span())
    assert (found["code"], found["sub_code"]) == ("40006", "isv.insufficient-isv-permissions")
    assert say(full_alipay, span())["code"] == "10000"
