"""WeChat Pay global's statement."""

import pytest

from scanforpay_django.wallets.bills.values import Expected
from tests.wallets.bills.samples import (
    GLOBAL,
    GLOBAL_HEAD,
    STATEMENT,
    global_line,
    read,
    read_sample,
    text,
    tick,
)

pytestmark = pytest.mark.sqlite


def test_it_has_38_columns() -> None:
    assert len(GLOBAL_HEAD.split(",")) == 38


def test_what_was_ordered_and_what_is_settled_have_currencies_of_their_own() -> None:
    raw = GLOBAL.raw.replace(b"`HKD,`49.40", b"`USD,`6.33")
    paid = read(raw, STATEMENT, GLOBAL.expected).lines[0]
    assert (paid.currency, paid.amount, paid.settled_currency, paid.settled) == ("HKD", 5000, "USD", 633)
    back = read_sample(GLOBAL).lines[2]
    assert (back.kind, back.amount, back.settled, back.fee_units) == ("refund", 2000, -1976, -24000)


def test_an_unknown_word_is_no_money() -> None:
    found = read(text(GLOBAL_HEAD, global_line(1).replace("SUCCESS", "CLOSED")), STATEMENT, GLOBAL.expected)
    assert (found.codes(), found.lines) == (["word_unknown"], [])


def test_totals_are_read_where_they_are() -> None:
    raw = text(GLOBAL_HEAD, global_line(1), "总交易单数,应结订单总金额", tick("2", "49.40"))
    found = read(raw, STATEMENT, GLOBAL.expected)
    assert (found.codes(), found.summary.is_whole) == (["total_differs"], True)


def test_a_line_of_an_institutions_other_merchant_says_so() -> None:
    expected = Expected(first_day=GLOBAL.day, last_day=GLOBAL.day, sub_parties=frozenset({"1900000109"}))
    assert read(GLOBAL.raw, STATEMENT, expected).codes() == ["party"]
