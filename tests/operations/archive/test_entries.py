"""What the lines say."""

import json
from typing import Any

import pytest

from scanforpay_django import __version__
from scanforpay_django.operations.archive.archive_file import ArchiveError, Member
from scanforpay_django.operations.archive.entries import Header
from tests.operations.archive.closed_orders import LONG_AGO


def first(line: bytes) -> Member:
    return Member(start=0, end=1, lines=[line], closing={"chain": ""})


def changed(**changes: Any) -> Header:
    return Header.read(first(json.dumps({**json.loads(Header.new(LONG_AGO).line()), **changes}).encode()))


def test_the_first_line_names_format_version_date_and_columns() -> None:
    line = json.loads(Header.new(LONG_AGO).line())
    assert (line["archive"], line["format"], line["version"]) == ("scanforpay_django", 1, __version__)
    assert line["before"] == "2024-02-29T23:59:59.123457+00:00"
    assert line["fields"]["OrderMetadata"] == ["id", "order_id", "data"]


def test_it_is_read_as_it_was_written() -> None:
    header = Header.new(LONG_AGO)
    assert Header.read(first(header.line())) == header
    header.check_fields()


@pytest.mark.parametrize("line", [b"", b"[]", b"{}", b'{"archive":"other"}', b"null", b"x"])
def test_another_file_is_no_archive(line: bytes) -> None:
    with pytest.raises(ArchiveError, match="no whole header"):
        Header.read(first(line))


def test_another_format_is_refused() -> None:
    with pytest.raises(ArchiveError, match="another format"):
        changed(format=2)


FIELDS = Header.new(LONG_AGO).fields


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({**FIELDS, "Receipt": ["id"]}, "Receipt is no table"),
        ({**FIELDS, "Order": [*FIELDS["Order"], "colour"]}, "colour"),
        ({**FIELDS, "Order": [name for name in FIELDS["Order"] if name != "amount"]}, "amount"),
    ],
)
def test_columns_that_do_not_fit_are_named(fields: Any, why: str) -> None:
    with pytest.raises(ArchiveError, match=why):
        changed(fields=fields).check_fields()


def test_a_column_with_a_default_may_be_missing() -> None:
    changed(
        fields={**FIELDS, "Order": [name for name in FIELDS["Order"] if name != "returned_at"]}
    ).check_fields()
