"""Alipay's bill of trades."""

import pytest

from tests.wallets.bills.samples import (
    ALIPAY,
    Read,
    alipay_file,
    alipay_line,
    read,
    read_sample,
    trade_totals,
)

pytestmark = pytest.mark.sqlite


def one(line: str) -> Read:
    """A file of one trade."""
    raw = alipay_file(line, totals=trade_totals(1, "5.01", 0, "0.00"))
    return read(raw, ALIPAY.type, ALIPAY.expected)


def test_a_trade_and_its_refund() -> None:
    paid, back, _ = read_sample(ALIPAY).lines
    assert (paid.kind, paid.amount, paid.settled, paid.fee_units) == ("payment", 501, 501, 3000)
    assert (back.kind, back.amount, back.settled, back.fee_units) == ("refund", 501, -501, -3000)
    assert (paid.out_refund_no, back.out_refund_no) == ("", "re_1")
    assert (paid.at.hour, paid.out_trade_no) == (2, "service_1")


def test_an_unknown_word_is_no_money() -> None:
    found = one(alipay_line(1, "5.01").replace("交易", "撤销"))
    assert (found.codes()[0], found.problems[0].stated, found.lines) == ("word_unknown", "撤销", [])


@pytest.mark.parametrize(
    "line", [alipay_line(1, "-5.01"), alipay_line(1, "5.01", refund="r"), alipay_line(1, "0.00")]
)
def test_a_sign_that_cannot_be_is_not_read(line: str) -> None:
    assert one(line).codes()[0] == "line_unread"


def test_totals_are_compared() -> None:
    raw = alipay_file(alipay_line(1, "5.01"), totals=trade_totals(2, "5.01", 0, "-0.01"))
    assert [problem.field for problem in read(raw, ALIPAY.type, ALIPAY.expected).problems] == [
        "交易合计",
        "退款合计",
    ]
