"""What Alipay's files have in common."""

import pytest

from tests.wallets.bills.samples import ALIPAY, alipay_file, alipay_line, read, text, trade_totals

pytestmark = pytest.mark.sqlite

WHOLE = alipay_file(alipay_line(1, "5.01"), totals=trade_totals(1, "5.01", 0, "0.00"))


def test_a_month_ends_at_midnight_of_the_next_one() -> None:
    raw = alipay_file(
        alipay_line(1, "5.01"),
        totals=trade_totals(1, "5.01", 0, "0.00"),
        day="2019年09月01日",
        after="2019年10月01日",
    )
    expected = ALIPAY.expected.__class__(
        first_day=ALIPAY.day.replace(day=1),
        last_day=ALIPAY.day.replace(day=30),
        parties=ALIPAY.expected.parties,
    )
    assert read(raw, ALIPAY.type, expected).problems == []
    assert read(raw, ALIPAY.type, ALIPAY.expected).codes() == ["day"]


@pytest.mark.parametrize("begin", ["业务明细列表结束", "交易合计", "退款合计", "导出时间"])
def test_a_file_that_lacks_a_line_of_its_end_was_cut(begin: str) -> None:
    lines = [line for line in WHOLE.decode("gbk").split("\r\n") if begin not in line]
    found = read("\r\n".join(lines).encode("gbk"), ALIPAY.type, ALIPAY.expected)
    assert found.summary.is_whole is False
    assert "cut" in found.codes()


def test_rows_behind_the_end_do_not_read() -> None:
    raw = WHOLE + text(alipay_line(2, "9.00"), encoding="gbk")
    found = read(raw, ALIPAY.type, ALIPAY.expected)
    assert (found.codes(), len(found.lines)) == (["line_unread"], 1)


def test_a_spreadsheet_puts_quotes_around_values() -> None:
    line = alipay_line(1, "5.01", note="tea, green").replace(",tea, green", ',"tea, green"')
    raw = alipay_file(line, totals=trade_totals(1, "5.01", 0, "0.00"))
    assert read(raw, ALIPAY.type, ALIPAY.expected).problems == []
    quoted = ",".join(f'"{value}"' for value in alipay_line(1, "5.01").split(","))
    raw = alipay_file(quoted, totals=trade_totals(1, "5.01", 0, "0.00"))
    assert read(raw, ALIPAY.type, ALIPAY.expected).problems == []
