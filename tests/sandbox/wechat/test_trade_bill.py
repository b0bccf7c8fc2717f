"""WeChat Pay's trade bill: coupons, reversals, frozen states and providers, in the file and as the books read it."""

from datetime import timedelta
from decimal import Decimal

import pytest

from scanforpay_django.sandbox import coupons, faults, payments
from scanforpay_django.sandbox.merchants import issue_wechat_partner_credentials
from scanforpay_django.sandbox.models import Merchant, Refund
from scanforpay_django.sandbox.wechat.trade_bill import HEADS
from tests.sandbox.bills import (
    code_of_wechat,
    fetch_wechat,
    forward_to,
    forward_until_published,
    pay_wechat,
)
from tests.sandbox.families import Partner
from tests.wallets.bills.samples import ALL_HEAD, REFUND_HEAD, SUCCESS_HEAD

pytestmark = pytest.mark.django_db
AMOUNTS = ("订单金额", "应结订单金额", "代金券金额", "申请退款金额", "退款金额", "充值券退款金额", "手续费")


def amounts(line):
    return [line[name] for name in AMOUNTS]


def test_both_sides_copied_the_same_heads():
    assert HEADS == {"ALL": ALL_HEAD, "SUCCESS": SUCCESS_HEAD, "REFUND": REFUND_HEAD}


@pytest.mark.parametrize("kind", ["ALL", "SUCCESS", "REFUND"])
def test_each_type_has_its_columns_and_is_read_whole(direct, kind):
    day = forward_to(12)
    number = pay_wechat(direct)
    direct.refund(direct.refund_body(number, 700))
    forward_until_published(day)
    bill = fetch_wechat(direct, day, bill_type=kind)
    assert bill.is_clean
    kinds = [str(line.kind) for line in bill.read.lines]
    assert kinds == {"ALL": ["payment", "refund"], "SUCCESS": ["payment"], "REFUND": ["refund"]}[kind]
    assert bill.totals["总交易单数"] == str(len(kinds))


def test_a_coupon_of_the_merchants_is_not_settled(direct):
    day = forward_to(12)
    coupons.add(500, "merchant")
    number = pay_wechat(direct)
    direct.refund(direct.refund_body(number, 700))
    direct.refund(direct.refund_body(number, 1400))
    forward_until_published(day)
    bill = fetch_wechat(direct, day)
    paid, *back = bill.lines
    assert amounts(paid) == ["21.00", "16.00", "5.00", "0.00", "0.00", "0.00", "0.10000"]
    # A third of the coupon goes back with a third of the order, rounded down; the rest with the last refund.
    assert amounts(back[0]) == ["0.00", "0.00", "0.00", "7.00", "5.34", "0.00", "-0.03000"]
    assert amounts(back[1]) == ["0.00", "0.00", "0.00", "14.00", "10.66", "0.00", "-0.06000"]
    assert bill.is_clean
    lines = bill.read.lines
    assert [(line.amount, line.settled, line.coupon) for line in lines] == [
        (2100, 1600, 500), (700, -534, 0), (1400, -1066, 0),
    ]  # fmt: skip
    assert lines[0].fee == Decimal("0.1")
    assert (bill.totals["订单总金额"], bill.totals["应结订单总金额"]) == ("21.00", "16.00")
    assert (bill.totals["申请退款总金额"], bill.totals["退款总金额"]) == ("21.00", "16.00")


def test_a_coupon_of_the_platforms_is_settled(direct):
    day = forward_to(12)
    coupons.add(500, "platform")
    number = pay_wechat(direct)
    direct.refund(direct.refund_body(number, 2100))
    forward_until_published(day)
    bill = fetch_wechat(direct, day)
    assert [amounts(line) for line in bill.lines] == [
        ["21.00", "21.00", "5.00", "0.00", "0.00", "0.00", "0.13000"],
        ["0.00", "0.00", "0.00", "21.00", "21.00", "5.00", "-0.13000"],
    ]
    assert bill.totals["充值券退款总金额"] == "5.00"
    assert bill.is_clean


def test_a_reversed_barcode_payment_has_two_lines(direct):
    day = forward_to(12)
    number = pay_wechat(direct)
    refused = direct.barcode_body("134567890123456780")
    direct.post("codepay", refused)
    assert direct.reverse(number).status_code == 200
    assert direct.reverse(refused["out_trade_no"]).status_code == 200
    forward_until_published(day)
    bill = fetch_wechat(direct, day)
    assert [(line["商户订单号"], line["交易状态"]) for line in bill.lines] == [
        (number, "SUCCESS"), (number, "REVOKED"),
    ]  # fmt: skip
    assert amounts(bill.lines[1]) == ["0.00", "0.00", "0.00", "21.00", "21.00", "0.00", "-0.13000"]
    assert bill.is_clean
    assert [(str(line.kind), line.amount) for line in bill.read.lines] == [
        ("payment", 2100),
        ("reversal", 2100),
    ]


def test_a_payment_reversed_after_midnight_is_in_two_days(direct):
    day = forward_to(23, 58)
    number = pay_wechat(direct)
    next_day = forward_to(0, 1)
    direct.reverse(number)
    # Again, as a client does that had no answer: nothing moves.
    forward_to(1)
    direct.reverse(number)
    forward_until_published(next_day)
    words = [[line["交易状态"] for line in fetch_wechat(direct, one).lines] for one in (day, next_day)]
    assert words == [["SUCCESS"], ["REVOKED"]]


@pytest.mark.parametrize("end", ["SUCCESS", "CLOSED", "ABNORMAL"])
def test_a_refund_under_way_stays_processing_in_its_days_bill_for_ever(direct, end):
    day = forward_to(23)
    number = pay_wechat(direct)
    faults.arm("refund-pending")
    direct.refund(direct.refund_body(number, 700))
    # An hour after the bill was begun, and before it can be taken.
    forward_to(9, 30)
    payments.finish_refund(Refund.objects.get(), end)
    for age in (1, 30):
        forward_until_published(day + timedelta(days=age - 1))
        bill = fetch_wechat(direct, day)
        assert (bill.lines[1]["交易状态"], bill.lines[1]["退款状态"]) == ("REFUND", "PROCESSING")
        assert bill.is_clean


@pytest.mark.parametrize(
    ("end", "word"), [("SUCCESS", "SUCCESS"), ("CLOSED", "FAIL"), ("ABNORMAL", "CHANGE")]
)
def test_a_refund_that_ended_before_nine_is_listed_so_on_the_day_it_was_accepted(direct, end, word):
    day = forward_to(23)
    number = pay_wechat(direct)
    faults.arm("refund-pending")
    direct.refund(direct.refund_body(number, 700))
    forward_to(8, 58)
    payments.finish_refund(Refund.objects.get(), end)
    next_day = day + timedelta(days=1)
    forward_until_published(next_day)
    bill = fetch_wechat(direct, day)
    assert (bill.lines[1]["退款状态"], bill.is_clean) == (word, True)
    # Not on the day on which it ended.
    assert code_of_wechat(direct, next_day) == "NO_STATEMENT_EXIST"


def test_a_refund_that_reached_nobody_stays_so_when_it_is_redirected_later(direct):
    day = forward_to(12)
    number = pay_wechat(direct)
    faults.arm("refund-abnormal")
    direct.refund(direct.refund_body(number, 700))
    forward_until_published(day)
    made = Refund.objects.get()
    wanted = {"out_refund_no": made.number, "type": "MERCHANT_BANK_CARD"}
    path = f"{direct.refunds}/{made.refund_id}/apply-abnormal-refund"
    assert direct.call("POST", path, wanted).status_code == 200
    assert Refund.objects.get().state == "SUCCESS"
    assert fetch_wechat(direct, day).lines[1]["退款状态"] == "CHANGE"


@pytest.fixture
def partners(client, db):
    """A provider's two merchants."""
    first = Partner(client, issue_wechat_partner_credentials())
    provider = Merchant.objects.get(number=first.config["mchid"])
    config, hidden = issue_wechat_partner_credentials(provider=provider)
    return first, Partner(client, ({**first.config, **config}, {**first.secrets, **hidden}))


def test_a_providers_whole_bill_names_every_merchant(partners):
    day = forward_to(12)
    numbers = {partner.config["sub_mchid"]: pay_wechat(partner) for partner in partners}
    partners[1].refund(
        partners[1].refund_body(list(numbers.values())[1], 700, sub_mchid=partners[1].config["sub_mchid"])
    )
    forward_until_published(day)
    whole = fetch_wechat(partners[0], day)
    assert [(line["特约商户号"], line["商户订单号"]) for line in whole.lines[:2]] == list(numbers.items())
    assert {line["商户号"] for line in whole.lines} == {partners[0].config["mchid"]}
    assert [line.party for line in whole.read.lines] == [*numbers, partners[1].config["sub_mchid"]]
    assert whole.is_clean
    for sub_number, count in zip(numbers, (1, 2), strict=True):
        one = fetch_wechat(partners[0], day, sub_mchid=sub_number)
        assert {line["特约商户号"] for line in one.lines} == {sub_number}
        assert (len(one.lines), one.is_clean) == (count, True)
