"""What WeChat Pay's files have in common."""

import pytest

from scanforpay_django.wallets.wechat.ticked_reader import (
    Sums,
    decode_escapes,
    is_digits,
    is_digits_or_blank,
    is_letters,
    is_letters_or_blank,
)
from tests.wallets.bills.samples import ALL_HEAD, ALL_TOTALS, TRADE, WECHAT_ALL, all_line, read, text, tick

pytestmark = pytest.mark.sqlite
TOTALS = tick("1", "3.00", "0.00", "0.00", "0.00000", "3.00", "0.00")


def test_escapes_are_undone() -> None:
    assert decode_escapes("a\\ b\\nc") == "a,b\nc"
    assert decode_escapes("plain") == "plain"


def test_forms_of_words_and_numbers() -> None:
    assert is_letters("JSAPI")
    assert is_letters("CMB_CREDIT")
    assert not is_letters("")
    assert not is_letters("tea")
    assert is_digits("42")
    assert not is_digits("٤٢")
    assert is_digits_or_blank("")
    assert is_letters_or_blank("")


def test_sums_of_two_currencies_are_not_added() -> None:
    sums = Sums(1)
    assert sums.total(0) == 0
    sums.of("JPY")[0] += 300
    assert sums.total(0) == 300
    sums.of("CNY")[0] += 100
    assert sums.total(0) is None


def test_blank_lines_are_no_lines() -> None:
    raw = text(ALL_HEAD, "", all_line(1, "3.00"), "", ALL_TOTALS, "", TOTALS, "")
    found = read(raw, TRADE, WECHAT_ALL.expected)
    assert (found.problems, found.summary.is_whole, found.summary.line_count) == ([], True, 1)


def test_lines_behind_the_totals_do_not_read() -> None:
    raw = text(ALL_HEAD, all_line(1, "3.00"), ALL_TOTALS, TOTALS, all_line(2, "9.00"))
    found = read(raw, TRADE, WECHAT_ALL.expected)
    assert (found.codes(), len(found.lines)) == (["line_unread"], 1)


def test_without_totals_it_was_cut() -> None:
    for raw in (text(ALL_HEAD, all_line(1, "3.00")), text(ALL_HEAD, all_line(1, "3.00"), ALL_TOTALS)):
        found = read(raw, TRADE, WECHAT_ALL.expected)
        assert (found.codes(), found.summary.is_whole) == (["cut"], False)


def test_a_column_that_stands_twice_is_no_head() -> None:
    raw = text(ALL_HEAD + ",手续费", all_line(1, "3.00") + ",`0.00", ALL_TOTALS, TOTALS)
    assert read(raw, TRADE, WECHAT_ALL.expected).codes() == ["head_unknown"]
