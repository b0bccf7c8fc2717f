"""A bill that says something else than what happened: single lines, totals, or the whole file, of one day.

The trades and refunds stay as they are, and so does what the API says of them. An edit counts from its
``published_at`` on, so that a bill that was fetched may be published again with another content.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from scanforpay_django import clock

from .bill_models import BillEdit
from .models import Merchant

#: a line of a file: its values by the names of the columns, in their order
Line = dict[str, str]
Act = BillEdit.Act
PAYMENT, REFUND = "payment", "refund"


class BillEditError(ValueError):
    """An edit that cannot be made; the text says why."""


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Which columns of a bill hold what an edit names."""

    # all columns, and all totals
    head: tuple[str, ...]
    totals: tuple[str, ...] = ()
    # the merchant's number of the order
    number: str
    # the merchant's number of the refund, "" where the bill has one column for both
    refund_number: str = ""
    # what such a line has there where it is a payment's
    no_refund: frozenset[str] = frozenset({"", "0"})
    # an edit's field -> all columns that get the value
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def in_force(merchant: Merchant, kind: str, first: date, last: date) -> list[BillEdit]:
    """The edits of these days that are published by now, in the order in which they were made."""
    rows = BillEdit.objects.filter(
        merchant=merchant, kind=kind, day__gte=first, day__lte=last, published_at__lte=clock.now()
    )
    return list(rows.exclude(act=Act.LATE).order_by("pk"))


def find_late_until(merchant: Merchant, kind: str, day: date) -> datetime | None:
    """Until when the bill is not published although its hour has come; None where it is not late."""
    rows = BillEdit.objects.filter(merchant=merchant, kind=kind, day=day, act=Act.LATE)
    latest = rows.order_by("-published_at").first()
    return latest.published_at if latest and latest.published_at > clock.now() else None


def edit_lines(lines: Iterable[Line], edits: Sequence[BillEdit], columns: Columns) -> list[Line]:
    """The lines as the edits have them."""
    done = list(lines)
    for edit in edits:
        if edit.act in (Act.SET, Act.DELETE, Act.DOUBLE):
            done = [made for line in done for made in _edit_line(line, edit, columns)]
    return done


def _edit_line(line: Line, edit: BillEdit, columns: Columns) -> list[Line]:
    if not _is_meant(line, edit, columns):
        return [line]
    if edit.act == Act.DELETE:
        return []
    if edit.act == Act.DOUBLE:
        return [line, dict(line)]
    named = columns.fields.get(edit.field, (edit.field,))
    return [{name: edit.value if name in named else value for name, value in line.items()}]


def _is_meant(line: Line, edit: BillEdit, columns: Columns) -> bool:
    refund_number = line.get(columns.refund_number, "")
    is_refund = refund_number not in columns.no_refund
    if edit.line and is_refund is not (edit.line == REFUND):
        return False
    return edit.number in ("", refund_number if is_refund else line[columns.number])


def edit_totals(totals: Mapping[str, str], edits: Sequence[BillEdit]) -> dict[str, str]:
    """The totals as the edits have them."""
    return {
        **totals,
        **{edit.field: edit.value for edit in edits if edit.act == Act.TOTAL and edit.field in totals},
    }


def cut(text: str, edits: Sequence[BillEdit]) -> str:
    """Two thirds of the file, where an edit says so."""
    return text[: len(text) * 2 // 3] if any(edit.act == Act.CUT for edit in edits) else text


def add_up(lines: Iterable[Line], column: str, places: int = 2) -> str:
    """The sum of a column, with so many decimals. What is no number counts as nothing."""
    return str(
        sum((_number(line.get(column, "")) for line in lines), Decimal(0)).quantize(
            Decimal(1).scaleb(-places)
        )
    )


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except ArithmeticError:
        return Decimal(0)
