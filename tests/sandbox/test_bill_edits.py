"""A bill says what an edit says, from the moment on at which it is published so."""

from datetime import timedelta

import pytest

from scanforpay_django import clock
from scanforpay_django.sandbox import bill_edits
from scanforpay_django.sandbox.bill_controls import edit_bill
from scanforpay_django.sandbox.models import Merchant, Trade
from tests.sandbox.bills import (
    ask_wechat,
    code_of_wechat,
    fetch_alipay,
    fetch_wechat,
    forward_to,
    forward_until_published,
    pay_alipay,
    pay_wechat,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def published(direct):
    """(the day of a payment and of its refund, the numbers of both, what edits their bill)."""
    day = forward_to(12)
    number = pay_wechat(direct)
    refund = direct.refund_body(number, 700)
    assert direct.refund(refund).status_code == 200
    forward_until_published(day)
    merchant = Merchant.objects.get(number=direct.config["mchid"])

    def edit(act, **given):
        edit_bill(merchant, day, act, **given)

    return day, number, refund["out_refund_no"], edit


FIELDS = [
    ("amount", "20.00", "amount", 2000),
    ("amount", "20.00", "settled", 2000),
    ("currency", "USD", "currency", "USD"),
    ("sub_merchant", "1900000999", "party", "1900000999"),
    ("trade_no", "4200009999", "trade_no", "4200009999"),
    ("number", "SOMETHING-ELSE", "out_trade_no", "SOMETHING-ELSE"),
    ("fee", "0.99000", "fee_units", 99000),
    ("商户数据包", "forged", "reference", "forged"),
]


@pytest.mark.parametrize(("field", "value", "name", "read"), FIELDS)
def test_a_payments_line_says_something_else(direct, published, field, value, name, read):
    day, number, _, edit = published
    edit("set", number=number, field=field, value=value)
    bill = fetch_wechat(direct, day)
    assert [str(line.kind) for line in bill.read.lines] == ["payment", "refund"]
    assert getattr(bill.read.lines[0], name) == read
    assert getattr(bill.read.lines[1], name) != read
    assert bill.is_clean
    trade = Trade.objects.get()
    assert (trade.amount, trade.out_trade_no, trade.currency) == (2100, number, "CNY")
    assert direct.ask(number).json()["amount"]["total"] == 2100


@pytest.mark.parametrize(
    ("field", "value", "name", "read"),
    [
        ("refund_amount", "5.00", "amount", 500),
        ("refund_state", "FAIL", "kind", "failed_refund"),
        ("refund_state", "PROCESSING", "word", "REFUND PROCESSING"),
        ("state", "REVOKED", "kind", "reversal"),
    ],
)
def test_a_refunds_line_says_something_else(direct, published, field, value, name, read):
    day, _, refund_number, edit = published
    edit("set", number=refund_number, field=field, value=value)
    bill = fetch_wechat(direct, day)
    assert str(getattr(bill.read.lines[1], name)) == str(read)
    assert bill.is_clean


def test_lines_are_missing_or_stand_there_twice(direct, published):
    day, number, refund_number, edit = published
    edit("delete", number=refund_number)
    edit("double", number=number)
    bill = fetch_wechat(direct, day)
    assert [line["商户订单号"] for line in bill.lines] == [number, number]
    assert (bill.totals["订单总金额"], bill.totals["总交易单数"], bill.is_clean) == ("42.00", "2", True)
    edit("delete", line="payment")
    assert code_of_wechat(direct, day) == "NO_STATEMENT_EXIST"


def test_an_unknown_word_is_a_line_that_nobody_reads(direct, published):
    day, number, _, edit = published
    edit("set", number=number, field="state", value="PAYERROR")
    assert "word_unknown" in fetch_wechat(direct, day).read.codes()


def test_totals_may_be_wrong_and_a_file_cut(direct, published):
    day, _, _, edit = published
    edit("total", field="手续费总金额", value="9.99000")
    bill = fetch_wechat(direct, day)
    assert (bill.read.codes(), bill.read.summary.is_whole) == (["total_differs"], True)
    edit("cut")
    answer = ask_wechat(direct, day)
    assert answer.status_code == 200
    url = answer.json()["download_url"].partition("/sandbox/wechat")[2]
    text = direct.call("GET", url, headers={"Accept": "*/*"}).content.decode("utf-8-sig")
    assert not text.endswith("\n")


def test_a_bill_is_published_again_with_another_content(direct, published):
    day, number, _, edit = published
    edit("double", number=number, published_at=clock.now() + timedelta(hours=3))
    assert len(fetch_wechat(direct, day).lines) == 2
    forward_to(14)
    again = fetch_wechat(direct, day)
    assert (len(again.lines), again.is_clean) == (3, True)


def test_a_bill_of_another_day_kind_or_merchant_stays(direct, full_alipay, published):
    day, _, _, edit = published
    edit("delete", kind="fund")
    other = Merchant.objects.get(number=full_alipay.config["seller_id"])
    edit_bill(other, day, "delete")
    edit_bill(Merchant.objects.get(number=direct.config["mchid"]), day + timedelta(days=1), "delete")
    assert len(fetch_wechat(direct, day).lines) == 2
    assert code_of_wechat(direct, day, "fundflowbill") == "NO_STATEMENT_EXIST"


def test_an_alipay_bill_is_edited_alike(full_alipay):
    day = forward_to(12)
    numbers = [pay_alipay(full_alipay) for _ in range(3)]
    merchant = Merchant.objects.get(number=full_alipay.config["seller_id"])
    edit_bill(merchant, day, "set", number=numbers[0], field="amount", value="20.00")
    edit_bill(merchant, day, "set", number=numbers[1], field="state", value="撤销")
    edit_bill(merchant, day, "delete", number=numbers[2])
    forward_to(9, 1)
    bill = fetch_alipay(full_alipay, day)
    assert [line["订单金额（元）"] for line in bill.lines] == ["20.00", "21.00"]
    assert [line.amount for line in bill.read.lines] == [2000]
    assert bill.read.codes() == ["word_unknown"]
    edit_bill(merchant, day, "total", field="退款合计", value="7笔，商家实收退款共0.00元")
    assert "total_differs" in fetch_alipay(full_alipay, day).read.codes()
    edit_bill(merchant, day, "cut")
    assert fetch_alipay(full_alipay, day).read.summary.is_whole is False


def test_what_is_no_number_adds_nothing_up():
    lines = [{"a": "1.10"}, {"a": "x"}, {}, {"a": "-0.2"}]
    assert (bill_edits.add_up(lines, "a"), bill_edits.add_up([], "a", 5)) == ("0.90", "0.00000")


def test_edits_are_applied_in_the_order_in_which_they_were_made(direct, published):
    day, number, _, edit = published
    for value in ("20.00", "19.00"):
        edit("set", number=number, field="amount", value=value)
    assert fetch_wechat(direct, day).lines[0]["订单金额"] == "19.00"
