"""Alipay's trade bill: its hours, coupons, and what became of a cancelled payment, as the books read it."""

from datetime import timedelta

import pytest

from scanforpay_django.sandbox import coupons, faults, moved_clock, payments
from scanforpay_django.sandbox.alipay.trade_bill import HEAD
from scanforpay_django.sandbox.bill_controls import edit_bill
from scanforpay_django.sandbox.bill_days import NINE, next_day
from scanforpay_django.sandbox.models import Merchant, Refund
from tests.sandbox.bills import ask_alipay, fetch_alipay, forward_to, pay_alipay
from tests.wallets.bills.samples import ALIPAY_HEAD

pytestmark = pytest.mark.django_db
AMOUNTS = ("订单金额（元）", "商家实收（元）", "支付宝优惠（元）", "商家优惠（元）", "服务费（元）")
MISSING = "isp.bill_not_exist"


def amounts(line):
    return [line[name] for name in AMOUNTS]


def code(alipay, day):
    return ask_alipay(alipay, day).get("sub_code", "")


def give_back(alipay, number, amount):
    wanted = {
        "out_trade_no": number,
        "refund_amount": amount,
        "out_request_no": f"R{amount.replace('.', '')}",
    }
    assert alipay.say("refund", wanted)["code"] == "10000"


def test_both_sides_copied_the_same_head():
    assert HEAD == ALIPAY_HEAD


def test_a_bill_is_there_from_nine_on(full_alipay):
    day = forward_to(12)
    number = pay_alipay(full_alipay)
    for hour, minute in ((23, 58), (8, 58)):
        forward_to(hour, minute)
        assert ask_alipay(full_alipay, day)["code"] == "40004"
        assert code(full_alipay, day) == MISSING
    forward_to(9, 1)
    bill = fetch_alipay(full_alipay, day)
    assert ([line["商户订单号"] for line in bill.lines], bill.is_clean) == ([number], True)
    days = (day + timedelta(days=1), day + timedelta(days=2), day - timedelta(days=1), "2019-01-01")
    assert [code(full_alipay, one) for one in days] == [MISSING] * 4


def test_a_bill_may_be_late(full_alipay):
    day = forward_to(12)
    pay_alipay(full_alipay)
    merchant = Merchant.objects.get(number=full_alipay.config["seller_id"])
    edit_bill(merchant, day, "late", published_at=next_day(day, NINE.replace(hour=11)))
    forward_to(10, 58)
    assert code(full_alipay, day) == MISSING
    forward_to(11, 1)
    assert code(full_alipay, day) == ""


def test_a_bill_is_gone_after_six_years(full_alipay):
    day = forward_to(12)
    pay_alipay(full_alipay)
    forward_to(9, 1)
    moved_clock.forward(timedelta(days=6 * 365 - 1))
    assert code(full_alipay, day) == ""
    moved_clock.forward(timedelta(days=1))
    assert code(full_alipay, day) == MISSING


def test_a_months_bill_is_there_on_the_third(full_alipay):
    day = forward_to(12)
    pay_alipay(full_alipay)
    third = (day.replace(day=1) + timedelta(days=31)).replace(day=3)
    forward_to(8, 58, day=third)
    assert code(full_alipay, f"{day:%Y-%m}") == MISSING
    assert code(full_alipay, day) == ""
    forward_to(9, 1)
    assert code(full_alipay, f"{day:%Y-%m}") == ""


def test_a_coupon_of_the_merchants_is_not_received(full_alipay):
    day = forward_to(12)
    coupons.add(500, "merchant")
    number = pay_alipay(full_alipay)
    give_back(full_alipay, number, "7.00")
    forward_to(9, 1)
    bill = fetch_alipay(full_alipay, day)
    assert [amounts(line) for line in bill.lines] == [
        ["21.00", "16.00", "0.00", "5.00", "-0.10"],
        ["-7.00", "-5.34", "0.00", "-1.66", "0.03"],
    ]
    assert bill.totals["交易合计"] == "1笔，商家实收共16.00元，商家优惠共5.00元"
    assert [(line.amount, line.settled) for line in bill.read.lines] == [(2100, 1600), (700, -534)]
    assert bill.is_clean


def test_a_coupon_of_alipays_is_received(full_alipay):
    day = forward_to(12)
    coupons.add(500, "platform")
    number = pay_alipay(full_alipay)
    give_back(full_alipay, number, "21.00")
    forward_to(9, 1)
    bill = fetch_alipay(full_alipay, day)
    assert [amounts(line) for line in bill.lines] == [
        ["21.00", "21.00", "5.00", "0.00", "-0.13"],
        ["-21.00", "-21.00", "-5.00", "0.00", "0.13"],
    ]
    assert bill.is_clean


def test_a_cancelled_payment_is_a_payment_and_a_refund(full_alipay):
    day = forward_to(12)
    number = pay_alipay(full_alipay)
    assert full_alipay.say("cancel", {"out_trade_no": number})["action"] == "refund"
    forward_to(9, 1)
    bill = fetch_alipay(full_alipay, day)
    assert [(line["业务类型"], line["商户订单号"], line["订单金额（元）"]) for line in bill.lines] == [
        ("交易", number, "21.00"), ("退款", number, "-21.00"),
    ]  # fmt: skip
    assert bill.is_clean


def test_a_refund_is_listed_on_the_day_it_was_finished(full_alipay):
    day = forward_to(23)
    number = pay_alipay(full_alipay)
    faults.arm("refund-pending")
    give_back(full_alipay, number, "7.00")
    next_one = forward_to(1)
    payments.finish_refund(Refund.objects.get(), "SUCCESS")
    forward_to(9, 1, day=next_one + timedelta(days=1))
    words = [[line["业务类型"] for line in fetch_alipay(full_alipay, one).lines] for one in (day, next_one)]
    assert words == [["交易"], ["退款"]]
