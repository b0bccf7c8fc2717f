"""Bytes become lines of text, block by block."""

import io
import tracemalloc

import pytest

from scanforpay_django.wallets.bills.blocks import BLOCK, MAX_LINE, TextBlocks, is_utf_16

pytestmark = pytest.mark.sqlite


def lines_of(raw: bytes) -> tuple[list[str], bool]:
    """(all lines, whether the last one ended); their numbers are checked."""
    blocks = TextBlocks(io.BytesIO(raw))
    found: list[str] = []
    for first, lines in blocks:
        assert first == len(found) + 1
        found += lines
    return found, blocks.ends_with_line


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_both_encodings_are_told_apart(encoding: str) -> None:
    raw = "交易时间,x\r\n茶\u00b7,\ty\n".encode(encoding)
    assert lines_of(raw) == (["交易时间,x", "茶\u00b7,\ty"], True)


def test_a_line_ends_at_a_line_feed_alone() -> None:
    text = "a\u2028b\x0bc\x85d\x1ee\rf"
    assert lines_of(f"{text}\n".encode()) == ([text], True)


def test_what_is_behind_the_last_line_feed_is_a_line() -> None:
    assert lines_of(b"a\nb") == (["a", "b"], False)
    assert lines_of(b"a\r\nb\r") == (["a", "b"], False)
    assert lines_of(b"") == ([], False)


def test_a_wrong_byte_costs_its_line() -> None:
    found, _ = lines_of("茶\n".encode() + b"\xff,1\n" + "茶\n".encode())
    assert found == ["茶", "\\xff,1", "茶"]


def test_blocks_do_not_cut_lines_or_characters() -> None:
    wanted = [f"{number} {'茶' * (number % 50)}" for number in range(30_000)]
    for encoding in ("utf-8", "gb18030"):
        found, ended = lines_of(("\r\n".join(wanted) + "\r\n").encode(encoding))
        assert (found, ended) == (wanted, True)


def test_a_line_that_never_ends_takes_no_memory() -> None:
    raw = b"a\n" + b"x" * (64 * BLOCK) + b"\nb\n"
    tracemalloc.start()
    try:
        blocks = TextBlocks(io.BytesIO(raw))
        found = [line for _, lines in blocks for line in lines]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [found[0], found[2], blocks.ends_with_line] == ["a", "b", True]
    assert len(found[1]) <= MAX_LINE + 1
    assert not found[1].isprintable()
    assert peak < 8 * BLOCK + len(raw) // 10 or peak < 3 << 20


def test_a_spreadsheets_unicode_is_known() -> None:
    assert is_utf_16("交易".encode("utf-16"))
    assert not is_utf_16(b"\xef\xbb\xbfx")
