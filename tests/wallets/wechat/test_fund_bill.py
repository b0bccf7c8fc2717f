"""WeChat Pay's fund bill."""

import pytest

from tests.wallets.bills.samples import FUND, FUND_HEAD, FUNDS, read, read_sample, text, tick

pytestmark = pytest.mark.sqlite


def test_a_movement_has_a_direction_and_a_balance() -> None:
    out, into = read_sample(FUNDS).lines
    assert (out.kind, out.amount, out.balance, out.word) == ("expense", 31, 22, "退款")
    assert (into.kind, into.amount, into.balance, into.reference) == (
        "income",
        500,
        522,
        "S20210201140044552846",
    )
    assert (out.settled, out.fee_units, out.flow_no) == (None, None, "4200000920202101197964319284")


def test_an_unknown_direction_is_no_money() -> None:
    line = tick("2021-02-01 13:54:01", "1", "2", "冻结", "冻结", "其他", "0.31", "0.22", "", "", "")
    found = read(text(FUND_HEAD, line), FUND, FUNDS.expected)
    assert (found.codes(), found.problems[0].stated) == (["word_unknown", "cut"], "其他")


def test_both_sums_are_compared() -> None:
    raw = FUNDS.raw.replace(b"`5.00,`1,`0.31", b"`5.01,`2,`0.31")
    found = read(raw, FUND, FUNDS.expected)
    assert [problem.field for problem in found.problems] == ["收入金额", "支出笔数"]
