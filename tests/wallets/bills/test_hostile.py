"""Whatever stands in a column: no amount, fee or number of another line is read from it.

Of all cases CI runs every 41st. All of them, more than 10,000::

    EVERY_CASE=1 pytest tests/wallets/bills/test_hostile.py
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from scanforpay_django.wallets.bills.values import BillLine
from tests.wallets.bills.samples import (
    ALIPAY,
    ALL_HEAD,
    ALL_TOTALS,
    BATCHES,
    SAMPLES,
    TRADE,
    WECHAT_ALL,
    Read,
    Sample,
    alipay_file,
    alipay_line,
    all_line,
    read,
    read_sample,
    text,
    tick,
    trade_totals,
)

pytestmark = pytest.mark.sqlite

STEP = 1 if os.environ.get("EVERY_CASE") == "1" else 41
HOSTILE = {
    "comma": ",", "back-tick": "`", "comma and back-tick": ",`", "quote": '"', "U+2028": "\u2028", "NUL": "\0",
    "10 KB": "9" * 10240, "10 KB of text": "茶" * 3413, "blank": "", "a number": ",12.00,",
}  # fmt: skip
PLAIN = [sample for sample in SAMPLES if sample is not BATCHES]
#: what a line moves, and whose it is
MONEY = (
    "kind",
    "currency",
    "amount",
    "settled_currency",
    "settled",
    "coupon",
    "fee_units",
    "fee_currency",
    "balance",
)
NUMBERS = ("out_trade_no", "trade_no", "out_refund_no", "refund_id", "flow_no", "party", "at")


@dataclass(frozen=True)
class Case:
    """One value of one line, changed."""

    line_no: int
    column: int
    name: str
    raw: bytes

    def __str__(self) -> str:
        return f"line {self.line_no}, column {self.column}, {self.name}"


def cases(sample: Sample) -> Iterator[Case]:
    """Each value of each line: replaced, and with something before it, in its middle and behind it."""
    lines = sample.raw.decode(sample.encoding).split("\n")
    for row in read_sample(sample).lines:
        values = lines[row.line_no - 1].split(sample.separator)
        for column, value in enumerate(values):
            half = len(value) // 2
            for name, hostile in HOSTILE.items():
                changed = {
                    hostile,
                    hostile + value,
                    value[:half] + hostile + value[half:],
                    value + hostile,
                } - {value}
                for one in sorted(changed, key=len):
                    text = sample.separator.join([*values[:column], one, *values[column + 1 :]])
                    made = [*lines[: row.line_no - 1], text, *lines[row.line_no :]]
                    yield Case(row.line_no, column, name, "\n".join(made).encode(sample.encoding, "replace"))


def told(line: BillLine, names: tuple[str, ...]) -> list[object]:
    """Some of its fields."""
    return [getattr(line, name) for name in names]


def find_wrong(sample: Sample, case: Case, before: Read) -> str:
    """What was read wrongly, "" for nothing."""
    found = read(case.raw, sample.type, sample.expected)
    lines = {line.line_no: line for line in found.lines}
    problems = {problem.line_no for problem in found.problems}
    for old in before.lines:
        new = lines.pop(old.line_no, None)
        if new is None:
            if old.line_no not in problems:
                return f"line {old.line_no} is lost"
        elif told(new, MONEY) != told(old, MONEY):
            return f"{told(old, MONEY)} became {told(new, MONEY)}"
        elif old.line_no != case.line_no and new != old:
            return f"line {old.line_no} changed"
        elif sum(one != other for one, other in zip(told(new, NUMBERS), told(old, NUMBERS), strict=True)) > 1:
            return f"{told(old, NUMBERS)} became {told(new, NUMBERS)}"
    return f"{len(lines)} lines appeared" if lines else ""


@pytest.mark.parametrize("sample", PLAIN, ids=lambda sample: sample.name)
def test_a_hostile_value_never_makes_a_wrong_number(sample: Sample) -> None:
    before = read_sample(sample)
    wrong = [
        f"{case}: {reason}"
        for position, case in enumerate(cases(sample))
        if position % STEP == 0 and (reason := find_wrong(sample, case, before))
    ]
    assert wrong == []


def test_there_are_ten_thousand_cases() -> None:
    assert sum(1 for sample in PLAIN for _ in cases(sample)) > 10_000


def long_file(sample: Sample) -> bytes:
    """200 lines of one of the two shapes that say where they end."""
    if sample is WECHAT_ALL:
        lines = [all_line(number, "1.00", fee="0.00600") for number in range(200)]
        totals = tick("200", "200.00", "0.00", "0.00", "1.20000", "200.00", "0.00")
        return text(ALL_HEAD, *lines, ALL_TOTALS, totals)
    lines = [alipay_line(number, "1.00").replace(f"10:56:{number:02}", "10:56:00") for number in range(200)]
    return alipay_file(*lines, totals=trade_totals(200, "200.00", 0, "0.00"))


# With every byte it takes minutes.
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("sample", [WECHAT_ALL, ALIPAY], ids=lambda sample: sample.name)
def test_a_file_of_200_lines_cut_at_any_byte_is_not_whole(sample: Sample) -> None:
    raw = long_file(sample)
    assert read(raw, sample.type, sample.expected).problems == []
    # Most of the time goes into the lines before the cut.
    ends = [end for end in range(len(raw)) if STEP == 1 or end > len(raw) - 400 or end % 997 == 0]
    assert [
        end for end in ends if read(raw[:end], sample.type, sample.expected).summary.is_whole is not False
    ] == []


@pytest.mark.parametrize("sample", PLAIN, ids=lambda sample: sample.name)
def test_no_published_file_that_was_cut_is_taken_for_whole(sample: Sample) -> None:
    raw = sample.raw
    ends = range(0, len(raw), 1 if STEP == 1 else 13)
    assert [end for end in ends if read(raw[:end], sample.type, sample.expected).summary.is_whole] == []


def test_a_comma_and_a_back_tick_in_a_title_cost_nothing() -> None:
    raw = WECHAT_ALL.raw.replace("一杯茶-test_succ".encode(), b"a,`b")
    found = read(raw, TRADE, WECHAT_ALL.expected)
    assert (found.sums(), found.problems) == (WECHAT_ALL.sums, [])


def test_commas_in_alipays_texts_cost_nothing() -> None:
    line = alipay_line(1, "5.01", note="tea, green").replace(",0.00,,0.00\t", ",0.00,满100,减10,0.00\t")
    raw = alipay_file(
        line.replace("下单测试,2019", "下单,测试,2019"), totals=trade_totals(1, "5.01", 0, "0.00")
    )
    found = read(raw, ALIPAY.type, ALIPAY.expected)
    assert (found.sums(), found.problems) == ({("payment", "CNY"): (1, 501, 0)}, [])


@pytest.mark.parametrize("title", ["a\u2028b", "a\x85b", "a\x0bb", "a\x1cb", "a\x1eb"])
def test_a_line_ends_at_a_line_feed_alone(title: str) -> None:
    raw = WECHAT_ALL.raw.replace("一杯茶-test_succ".encode(), title.encode())
    found = read(raw, TRADE, WECHAT_ALL.expected)
    assert (found.sums(), found.problems) == (WECHAT_ALL.sums, [])
