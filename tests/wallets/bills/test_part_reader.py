"""What every shape does with lines that do not read."""

from datetime import date

import pytest

from scanforpay_django.wallets.bills.part_reader import (
    MAX_NOTICES,
    MAX_PROBLEMS,
    MAX_RAW,
    UnknownWord,
    kept_text,
)
from scanforpay_django.wallets.bills.values import Expected
from scanforpay_django.wallets.wechat.trade_bill import TradeBillReader
from tests.wallets.bills.samples import ALL_HEAD, MCHID, TRADE, WECHAT_ALL, all_line, read, text

pytestmark = pytest.mark.sqlite


def reader() -> TradeBillReader:
    """One whose head was read."""
    made = TradeBillReader(0, WECHAT_ALL.expected)
    made.start([ALL_HEAD])
    return made


def test_a_line_that_does_not_read_is_kept_with_its_number() -> None:
    made = reader()
    assert made.read_block(2, ["`2019,nonsense\0" + "x" * 9000, all_line(1, "1.00")])[0].line_no == 3
    [problem] = made.drain()
    assert (problem.line_no, problem.code) == (2, "line_unread")
    assert problem.raw.startswith("`2019,nonsense\\0xxx")
    assert len(problem.raw) <= MAX_RAW + 1
    assert (made.summary.line_count, made.summary.unread_count) == (2, 1)
    assert made.drain() == []


def test_more_problems_than_are_kept_are_counted() -> None:
    made = reader()
    made.read_block(2, ["nonsense"] * (MAX_PROBLEMS + 7))
    made.finish(ends_with_line=True)
    problems = made.drain()
    assert len([one for one in problems if one.code == "line_unread"]) == MAX_PROBLEMS
    assert (problems[-1].code, problems[-1].stated) == ("too_many", str(MAX_PROBLEMS + 7))
    assert made.summary.unread_count == MAX_PROBLEMS + 7


def test_other_merchants_are_named_once_each() -> None:
    lines = [
        all_line(number, "1.00").replace(MCHID, f"19{number:08}") for number in range(MAX_NOTICES + 5)
    ] * 3
    raw = text(ALL_HEAD, *lines)
    found = read(raw, TRADE, WECHAT_ALL.expected)
    assert found.codes() == ["party"] * MAX_NOTICES + ["cut"]
    assert len(found.lines) == len(lines)


def test_a_bill_of_several_days_has_them_all() -> None:
    expected = Expected(first_day=date(2019, 2, 1), last_day=date(2019, 2, 28))
    assert read(WECHAT_ALL.raw, TRADE, expected).problems == []


def test_a_problem_names_the_column() -> None:
    error = UnknownWord("交易状态", "PAYERROR")
    assert (error.field, error.stated, error.code) == ("交易状态", "PAYERROR", "word_unknown")
    assert kept_text("a\0b") == "a\\0b"
