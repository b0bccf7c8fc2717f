"""What is in an archive."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from scanforpay_django.operations.archive.entries import Entry
from scanforpay_django.operations.archive.open_archive import open_for_reading


def list_orders(path: Path) -> Iterator[dict[str, Any]]:
    """The orders of an archive in a few words each. Raises ArchiveError, OSError."""
    for _entry, rows in find_orders(path):
        (order,) = rows["Order"]
        yield order


def find_orders(
    path: Path, numbers: Collection[str] = ()
) -> Iterator[tuple[Entry, dict[str, list[dict[str, Any]]]]]:
    """The orders with these numbers, ours or the merchant's, all without any; and their rows by model, with names.
    Raises ArchiveError, OSError.
    """
    with open_for_reading(path) as (header, _archive, members):
        for member in members:
            # What is cut short was not deleted from the database.
            for entry in map(Entry.read, member.lines if member.closing else ()):
                if not numbers or entry.order_no in numbers or entry.partner_order_no in numbers:
                    yield entry, entry.named_rows(header)
