"""The settlement files of AlipayHK and of Alipay in foreign currency."""

import pytest

from tests.wallets.bills.samples import (
    ANTOM,
    BATCHES,
    COUNTED,
    HK_HEAD,
    HONG_KONG,
    SETTLEMENT,
    SPOT,
    Read,
    read,
    read_sample,
    text,
)

pytestmark = pytest.mark.sqlite


def one(line: str) -> Read:
    """A file of one row."""
    return read(text(HK_HEAD, line), SETTLEMENT, HONG_KONG.expected)


def row(kind: str = "PAYMENT", status: str = "SETTLED", remark: str = "") -> str:
    """One row of AlipayHK's."""
    return (
        f"N1,2018,30.5,0.31,30.19,HKD,12/26/2018 0:50,12/27/2018 9:40,,CASHIER_PAY,{kind},{status},{remark},"
    )


def test_the_first_number_is_the_payments_or_the_refunds() -> None:
    paid, back, cancelled = read_sample(HONG_KONG).lines
    assert (paid.out_trade_no, paid.out_refund_no) == ("N_1001", "")
    assert (back.out_trade_no, back.out_refund_no) == ("N_1001", "R_122112")
    assert (cancelled.out_trade_no, cancelled.out_refund_no) == ("", "")


def test_what_was_priced_in_another_currency() -> None:
    [paid, *_] = read_sample(COUNTED).lines
    assert (paid.currency, paid.amount, paid.fee_currency, paid.fee_units) == ("TWD", 40000, "HKD", 300000)
    [yen, _] = read_sample(ANTOM).lines
    assert (yen.currency, yen.amount, yen.settled_currency, yen.settled) == ("JPY", 1200, "HKD", 6000)
    [spot, _] = read_sample(SPOT).lines
    assert (spot.currency, spot.amount, spot.settled, spot.rate) == ("HKD", 289905, 286426, "0.85329000")


def test_a_comma_in_a_remark_is_quoted_or_the_line_does_not_read() -> None:
    assert one(row(remark='"a,b"')).problems == []
    assert one(row(remark="a,b")).codes() == ["line_unread"]


@pytest.mark.parametrize(
    ("kind", "status"), [("DISPUTE", "SETTLED"), ("PAYMENT", "PENDING"), ("", "SETTLED")]
)
def test_an_unknown_word_is_no_money(kind: str, status: str) -> None:
    found = one(row(kind, status))
    assert (found.codes(), found.lines) == (["word_unknown"], [])


def test_a_failed_refund_is_none() -> None:
    assert one(row("R", "F")).lines[0].kind == "failed_refund"


def test_a_count_above_says_whether_it_is_whole() -> None:
    found = read(COUNTED.raw.replace(b"Total_count:3", b"Total_count:4"), SETTLEMENT, COUNTED.expected)
    assert (found.codes(), found.summary.is_whole) == (["total_differs", "cut"], False)


def test_without_its_last_line_it_was_cut() -> None:
    found = read(ANTOM.raw.replace(b"<END>\n", b""), SETTLEMENT, ANTOM.expected)
    assert (found.codes(), found.summary.is_whole) == (["cut"], False)


def test_batches_say_whether_all_files_are_there() -> None:
    assert read_sample(BATCHES).summary.is_whole is True


@pytest.mark.parametrize(
    ("settlement", "units"), [("548.34", -666000), ("561.66", 666000), ("-548.34", -666000)]
)
def test_the_fee_of_a_refund_without_signs_is_told_by_what_it_costs(settlement: str, units: int) -> None:
    raw = SPOT.raw.replace(b"|548.34|", f"|{settlement}|".encode())
    found = [line for line in read(raw, SPOT.type, SPOT.expected).lines if line.kind == "refund"]
    assert [line.fee_units for line in found] == [units]
