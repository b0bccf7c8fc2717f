"""Coupons are used once each, by the narrowest payment, and the APIs say who gives them."""

import json

import pytest

from scanforpay_django.sandbox import coupons
from scanforpay_django.sandbox.coupons import CouponError
from scanforpay_django.sandbox.merchants import issue_wechat_global_credentials
from scanforpay_django.sandbox.models import Merchant, Refund, Trade
from tests.sandbox.bills import (
    forward_to,
    forward_until_published,
    pay_alipay,
    pay_wechat,
    read_statement,
)
from tests.sandbox.families import HongKong

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("amount", "paid_by", "count"), [(0, "platform", 1), (5, "nobody", 1), (5, "merchant", 0)]
)
def test_what_is_no_coupon_is_refused(amount, paid_by, count):
    with pytest.raises(CouponError):
        coupons.add(amount, paid_by, count=count)


def test_a_coupon_is_used_as_often_as_was_said(direct):
    coupons.add(500, "platform", count=2)
    for _ in range(3):
        pay_wechat(direct)
    assert sorted(Trade.objects.values_list("coupon", flat=True)) == [0, 500, 500]


def test_the_narrowest_coupon_is_used_first_and_none_of_others(direct, full_alipay):
    coupons.add(100, "platform")
    coupons.add(200, "platform", merchant=Merchant.objects.get(number=direct.config["mchid"]))
    pay_wechat(direct)
    pay_alipay(full_alipay)
    assert list(Trade.objects.order_by("pk").values_list("coupon", flat=True)) == [200, 100]


def test_something_is_left_for_the_customer(direct):
    coupons.add(10**6, "platform")
    pay_wechat(direct)
    assert Trade.objects.get().coupon == 2099


@pytest.mark.parametrize(
    ("paid_by", "kind", "settled"), [("platform", "CASH", 2100), ("merchant", "NOCASH", 1600)]
)
def test_wechat_says_who_gave_it(direct, paid_by, kind, settled):
    coupons.add(500, paid_by)
    number = pay_wechat(direct)
    told = direct.ask(number).json()
    assert (told["amount"]["total"], told["amount"]["payer_total"]) == (2100, 1600)
    [promotion] = told["promotion_detail"]
    assert (promotion["type"], promotion["amount"]) == (kind, 500)
    assert promotion["merchant_contribute"] == 2100 - settled
    body = direct.refund_body(number, 2100)
    amount = direct.refund(body).json()["amount"]
    assert (amount["refund"], amount["payer_refund"], amount["discount_refund"]) == (2100, 1600, 500)
    assert (amount["settlement_total"], amount["settlement_refund"]) == (settled, settled)
    assert direct.ask_refund(body["out_refund_no"]).json()["promotion_detail"][0]["refund_amount"] == 500


@pytest.mark.parametrize(
    ("paid_by", "word", "received"), [("platform", "DISCOUNT", "21.00"), ("merchant", "MDISCOUNT", "16.00")]
)
def test_alipay_says_who_gave_it(full_alipay, paid_by, word, received):
    coupons.add(500, paid_by)
    told = full_alipay.say("query", {"out_trade_no": pay_alipay(full_alipay)})
    assert (told["total_amount"], told["receipt_amount"], told["buyer_pay_amount"]) == (
        "21.00",
        received,
        "16.00",
    )
    assert {one["fund_channel"]: one["amount"] for one in told["fund_bill_list"]} == {
        "ALIPAYACCOUNT": "16.00",
        word: "5.00",
    }


def test_the_parts_of_refunds_make_the_whole_coupon(direct):
    coupons.add(1000, "merchant")
    number = pay_wechat(direct)
    for amount in (1, 333, 1000, 766):
        assert direct.refund(direct.refund_body(number, amount)).status_code == 200
    parts = list(Refund.objects.order_by("pk").values_list("coupon", flat=True))
    assert (parts, sum(parts)) == ([0, 159, 476, 365], 1000)


@pytest.fixture
def paid_in_hong_kong(client, pay):
    """A paid order in HKD, and who collected it."""

    def run():
        merchant = HongKong(client, issue_wechat_global_credentials())
        body = merchant.body(time_expire=None, trade_type="NATIVE")
        code = merchant.post("native", body).json()["code_url"]
        assert pay("scan", {"code": code})["result"] == "ok"
        return merchant, body["out_trade_no"]

    return run


def test_a_statement_has_both_kinds_of_coupons(paid_in_hong_kong):
    day = forward_to(12)
    columns = ("用户支付金额", "应结订单金额", "充值券币种", "充值券金额", "优惠券币种", "优惠券金额")
    found = []
    made = []
    for paid_by in ("platform", "merchant"):
        coupons.add(500, paid_by)
        merchant, number = paid_in_hong_kong()
        assert merchant.refund(merchant.refund_body(number, 2100)).status_code == 200
        made.append(merchant)
    forward_until_published(day)
    bills = [read_statement(merchant, day) for merchant in made]
    found = [[bill.lines[0][name] for name in columns] for bill in bills]
    assert found == [["16.00", "21.00", "HKD", "5.00", "", ""], ["16.00", "16.00", "", "", "HKD", "5.00"]]
    assert [bill.lines[1]["退款应结订单金额"] for bill in bills] == ["21.00", "16.00"]
    assert all(bill.is_clean for bill in bills)
    assert [line.settled for bill in bills for line in bill.read.lines] == [2100, -2100, 1600, -1600]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("quick_repeats")
def test_what_is_paid_in_part_is_told_so(pay_order, direct, listener):
    coupons.add(500, "merchant")
    pay_order()
    assert listener.wait_for(1)
    told = direct.open_notification(json.loads(listener.received[0][1])["resource"])
    assert (told["amount"]["total"], told["amount"]["payer_total"]) == (2100, 1600)
