"""Which piece of a line is which column, also where commas are not quoted."""

import pytest

from scanforpay_django.wallets.bills.amounts import is_decimal
from scanforpay_django.wallets.bills.columns import (
    MAX_SURPLUS,
    clean_name,
    ended_with_tab,
    find_columns,
    one_piece,
    place,
    split_quoted,
    stripped,
)

pytestmark = pytest.mark.sqlite

WORD = {"in", "out"}.__contains__


def test_free_text_takes_the_surplus() -> None:
    assert place(["in", "a", "b", "1.00", "c"], [WORD, None, is_decimal, None]) == ["in", "a,b", "1.00", "c"]
    assert place(["in", "a", "1.00", "c", "d"], [WORD, None, is_decimal, None]) == ["in", "a", "1.00", "c,d"]


def test_a_line_that_may_be_read_in_two_ways_is_not_read() -> None:
    assert place(["in", "a", "1.00", "2.00", "c"], [WORD, None, is_decimal, None]) is None


@pytest.mark.parametrize(
    "pieces",
    [["in", "a", "1", "234.00", "c"], ["in", "a", "1.0", "0", "c"], ["in", "1.00", "a", "2.00", "c"]],
)
def test_an_amount_is_not_cut(pieces: list[str]) -> None:
    assert place(pieces, [WORD, None, is_decimal, None]) is None


def test_a_number_without_a_form_is_not_cut() -> None:
    forms = [one_piece, None, WORD]
    assert place(["N", "1", "a", "in"], forms, frozenset({0})) is None
    assert place(["N1\t", "a", "b", "in"], [ended_with_tab(one_piece), None, WORD]) == ["N1\t", "a,b", "in"]
    assert place(["N", "1\t", "a", "in"], [ended_with_tab(one_piece), None, WORD]) is None


def test_too_few_or_too_many_pieces_are_not_placed() -> None:
    assert place(["in"], [WORD, None]) is None
    assert place(["in", *["a"] * (MAX_SURPLUS + 2)], [WORD, None]) is None
    assert place(["in", *["a"] * (MAX_SURPLUS + 1)], [WORD, None]) is not None


def test_names_and_quotes() -> None:
    assert clean_name(' \ufeff"`交易时间"\t') == "交易时间"
    assert split_quoted('a,"b,""c""",d', ",") == ["a", 'b,"c"', "d"]
    assert split_quoted('a,"b', ",") is None
    assert stripped(None) is ended_with_tab(None) is None


def test_a_column_is_found_by_any_of_its_names() -> None:
    names = {"amount": ("应结订单金额", "总金额"), "fee": ("手续费",)}
    assert find_columns(["总金额", "x", "手续费"], names) == {"amount": 0, "fee": 2}
    for head in (["总金额", "总金额"], ["总金额", "应结订单金额"]):
        with pytest.raises(ValueError):  # noqa: PT011
            find_columns(head, names)
