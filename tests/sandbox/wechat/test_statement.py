"""The global statement of the sandbox, whose file the wallet's contract reads (tests/wallets/test_contract.py)."""

import pytest

from scanforpay_django.sandbox import faults, payments
from scanforpay_django.sandbox.bill_controls import edit_bill
from scanforpay_django.sandbox.merchants import issue_wechat_global_credentials
from scanforpay_django.sandbox.models import Merchant, Refund
from scanforpay_django.sandbox.shape import ShapeError, check
from scanforpay_django.sandbox.wechat.statement import HEAD, STATEMENT
from tests.sandbox.bills import forward_to, forward_until_published, read_statement
from tests.sandbox.families import HongKong
from tests.wallets.bills.samples import GLOBAL_HEAD

pytestmark = pytest.mark.sqlite


def test_both_sides_copied_the_same_head_from_the_documents():
    assert HEAD == GLOBAL_HEAD


@pytest.mark.parametrize("day", ["2026-11-01", "20261301", "1", ""])
def test_a_day_is_eight_digits(day):
    with pytest.raises(ShapeError):
        check({"date": day}, STATEMENT.fields)
    check({"date": "20261101", "mchid": "1"}, STATEMENT.fields)


@pytest.fixture
def refund_under_way(client, db, pay):
    """(who collected, the day, a refund that has not ended)."""
    day = forward_to(12)
    merchant = HongKong(client, issue_wechat_global_credentials())
    body = merchant.body(time_expire=None, trade_type="NATIVE")
    assert pay("scan", {"code": merchant.post("native", body).json()["code_url"]})["result"] == "ok"
    faults.arm("refund-pending")
    assert merchant.refund(merchant.refund_body(body["out_trade_no"], 700)).status_code == 200
    return merchant, day, Refund.objects.get()


def test_a_refunds_state_is_frozen_here_too(refund_under_way):
    merchant, day, refund = refund_under_way
    forward_until_published(day)
    payments.finish_refund(refund, "SUCCESS")
    bill = read_statement(merchant, day)
    assert [(line["交易状态"], line["退款状态"]) for line in bill.lines] == [
        ("SUCCESS", ""), ("REFUND", "PROCESSING"),
    ]  # fmt: skip
    assert [(str(line.kind), line.amount) for line in bill.read.lines] == [("payment", 2100), ("refund", 700)]


def test_a_statements_line_may_be_edited(refund_under_way):
    merchant, day, refund = refund_under_way
    forward_until_published(day)
    edit_bill(
        Merchant.objects.get(number=merchant.config["mchid"]), day, "set", field="amount", value="20.00"
    )
    edit_bill(Merchant.objects.get(number=merchant.config["mchid"]), day, "delete", number=refund.number)
    bill = read_statement(merchant, day)
    assert [line.amount for line in bill.read.lines] == [2000]
