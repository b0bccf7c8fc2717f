"""WeChat Pay's trade bill: all heads, words, signs."""

import pytest

from scanforpay_django.wallets.bills.values import BillLine
from tests.wallets.bills.samples import (
    ALL_HEAD,
    ALL_TOTALS,
    EARLY_REFUND_HEAD,
    MCHID,
    REFUND_HEAD,
    SUCCESS_HEAD,
    TRADE,
    WECHAT_ALL,
    Read,
    all_line,
    read,
    text,
    tick,
)

pytestmark = pytest.mark.sqlite


def one(line: str, head: str = ALL_HEAD) -> Read:
    """A file of one line, without totals."""
    return read(text(head, line), TRADE, WECHAT_ALL.expected)


def line_of(line: str) -> BillLine:
    """What it says."""
    [found] = one(line).lines
    return found


def test_the_heads_have_as_many_columns_as_the_documents_say() -> None:
    heads = (ALL_HEAD, SUCCESS_HEAD, REFUND_HEAD, EARLY_REFUND_HEAD)
    assert [len(head.split(",")) for head in heads] == [27, 20, 29, 26]


def test_a_payment() -> None:
    line = line_of(all_line(1, "3.07", fee="0.01842").replace("`0,`0,`0.00", "`5,`6,`0.00"))
    assert (line.kind, line.amount, line.settled, line.coupon, line.fee_units) == (
        "payment",
        307,
        307,
        0,
        1842,
    )
    assert (line.out_refund_no, line.refund_id, line.party) == ("", "", "")


def test_a_refund_is_settled_downwards_and_its_fee_comes_back() -> None:
    line = line_of(all_line(1, "", back="0.91", fee="-0.00546"))
    assert (line.kind, line.word, line.amount, line.settled) == ("refund", "REFUND SUCCESS", 91, -91)
    assert (line.fee_units, line.out_refund_no) == (-546, f"REF{1:025}")


@pytest.mark.parametrize(
    ("state", "kind"),
    [("SUCCESS", "refund"), ("PROCESSING", "refund"), ("FAIL", "failed_refund"), ("CHANGE", "failed_refund")],
)
def test_a_refund_that_failed_is_none(state: str, kind: str) -> None:
    line = line_of(all_line(1, "", back="0.91", state=state))
    assert (line.kind, line.word) == (kind, f"REFUND {state}")


def test_a_reversed_payment_counts_once() -> None:
    paid, back = all_line(1, "3.00"), all_line(1, "", back="3.00").replace("`REFUND,", "`REVOKED,")
    found = read(text(ALL_HEAD, paid, back), TRADE, WECHAT_ALL.expected)
    assert [(line.kind, line.amount) for line in found.lines] == [("payment", 300), ("reversal", 300)]


@pytest.mark.parametrize(
    ("line", "field", "told"),
    [
        (all_line(1, "3.00", state="PAYERROR"), "交易状态", "PAYERROR"),
        (all_line(1, "", back="3.00", state="ABNORMAL"), "退款状态", "ABNORMAL"),
        (all_line(1, "", back="3.00", state=""), "退款状态", ""),
    ],
)
def test_an_unknown_word_is_no_money(line: str, field: str, told: str) -> None:
    found = one(line)
    assert found.lines == []
    problem = found.problems[0]
    assert (problem.code, problem.line_no, problem.field, problem.stated) == ("word_unknown", 2, field, told)
    assert problem.raw == line


def test_success_alone_has_20_columns() -> None:
    line = tick(
        "2019-02-19 05:01:01", "wx1", MCHID, "1900000109", "", "42", "N1", "o", "JSAPI", "SUCCESS", "OTHERS", "CNY",
        "19.00", "2.00", "Tea", "r\\ 1\\n", "0.11400", "0.60%", "21.00", "",
    )  # fmt: skip
    [found] = one(line, SUCCESS_HEAD).lines
    assert (found.amount, found.settled, found.coupon, found.party) == (2100, 1900, 200, "1900000109")
    assert found.reference == "r,1\n"


def test_refunds_alone_have_29_columns_and_a_moment_of_their_own() -> None:
    line = tick(
        "2019-02-01 05:01:01", "wx1", MCHID, "0", "", "42", "N1", "o", "JSAPI", "REFUND", "OTHERS", "CNY", "0.00",
        "0.00", "2019-02-19 07:00:00", "2019-02-20 07:00:00", "50", "R1", "19.00", "1.00", "ORIGINAL", "SUCCESS",
        "Tea", "", "-0.11400", "0.60%", "0.00", "21.00", "",
    )  # fmt: skip
    [found] = one(line, REFUND_HEAD).lines
    assert (found.amount, found.settled, found.coupon) == (2100, -1900, 100)
    assert (found.at.day, found.at.hour) == (18, 23)


@pytest.mark.parametrize(
    ("totals", "fields"),
    [
        (("1", "3.00", "0.00", "0.00", "0.01800", "3.00", "0.00"), []),
        (("2", "3.00", "0.00", "0.00", "0.01800", "3.00", "0.00"), ["总交易单数"]),
        (
            ("1", "3.01", "0.00", "0.00", "0.01801", "3.00", "x"),
            ["应结订单总金额", "手续费总金额", "申请退款总金额"],
        ),
    ],
)
def test_totals_are_compared(totals: tuple[str, ...], fields: list[str]) -> None:
    raw = text(ALL_HEAD, all_line(1, "3.00", fee="0.01800"), ALL_TOTALS, tick(*totals))
    found = read(raw, TRADE, WECHAT_ALL.expected)
    assert [problem.field for problem in found.problems] == fields
    assert set(found.codes()) <= {"total_differs"}
    assert found.summary.totals["总交易单数"] == totals[0]


def test_a_column_of_a_later_year_is_named_and_the_others_are_read() -> None:
    found = one(all_line(1, "3.00") + ",`x", ALL_HEAD + ",新列")
    assert (found.codes(), found.problems[0].field) == (["column_unknown", "cut"], "新列")
    assert found.lines[0].amount == 300


def test_a_currency_has_its_own_decimals() -> None:
    yen = all_line(1, "300").replace("`CNY", "`JPY").replace("`0.00", "`0")
    assert (line_of(yen).currency, line_of(yen).amount) == ("JPY", 300)
    assert one(all_line(1, "3.00").replace("`CNY", "`XXX")).codes()[0] == "line_unread"


def test_an_order_of_nothing_is_not_read() -> None:
    for line in (all_line(1, "0.00"), all_line(1, "-3.00"), all_line(1, "", back="0.00")):
        assert one(line).codes()[0] == "line_unread"
