"""Alipay's bill of all movements."""

import pytest

from tests.wallets.bills.samples import ACCOUNT_2012, ACCOUNT_2026, read, read_sample

pytestmark = pytest.mark.sqlite


def test_a_movement_has_a_direction_and_a_balance() -> None:
    into, out = read_sample(ACCOUNT_2012).lines
    assert (into.kind, into.amount, into.balance, into.word) == ("income", 7400, 53303, "在线支付")
    assert (out.kind, out.amount, out.balance, out.out_trade_no) == ("expense", 44, 45903, "3226533")


def test_either_amount_may_be_blank() -> None:
    into, out = read_sample(ACCOUNT_2026).lines
    assert (into.amount, out.amount, out.reference) == (8800, 53, "P-1")


def test_a_row_that_moves_nothing_or_both_ways_is_not_read() -> None:
    for old, new in ((b"88.00,,", b",,"), (b"88.00,,", b"88.00,-1.00,")):
        found = read(ACCOUNT_2026.raw.replace(old, new), ACCOUNT_2026.type, ACCOUNT_2026.expected)
        assert found.codes() == ["line_unread", "total_differs"]
