"""Differences as a table: rows of a CSV file, in constant memory."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from scanforpay_django import money
from scanforpay_django.models import Difference
from scanforpay_django.operations.order_export import Heading
from scanforpay_django.operations.reconciliation.words import (
    Said,
    say_difference,
    say_merchant,
    say_number,
    shown_amount,
)

#: rows of one statement
TOGETHER = 2000


@dataclass(frozen=True, kw_only=True)
class DifferenceColumn(Heading):
    """One column of the table."""

    # of a difference and its words
    value: Callable[[Difference, Said], str]


def _amount(row: Difference) -> str:
    """With a plain minus, as spreadsheets read it."""
    amount = shown_amount(row)
    if amount is None or not row.currency:
        return ""
    if row.currency not in money.EXPONENTS:
        return str(amount)
    return f"{'-' if amount < 0 else ''}{money.to_major(abs(amount), row.currency)}"


def _moment(value: datetime | None) -> str:
    return timezone.localtime(value).strftime("%Y-%m-%d %H:%M:%S") if value else ""


COLUMNS: tuple[DifferenceColumn, ...] = (
    DifferenceColumn(heading=_("day"), value=lambda row, _said: row.day.day.isoformat()),
    DifferenceColumn(heading=_("merchant number"), value=lambda row, _said: say_merchant(row.day)),
    DifferenceColumn(heading=_("kind"), value=lambda row, _said: str(row.get_kind_display())),
    DifferenceColumn(heading=_("number"), value=lambda row, _said: row.number),
    DifferenceColumn(heading=_("platform's number"), value=lambda row, _said: say_number(row)),
    DifferenceColumn(heading=_("order"), value=lambda row, _said: row.order_no),
    DifferenceColumn(heading=_("currency"), value=lambda row, _said: row.currency),
    DifferenceColumn(heading=_("amount"), value=lambda row, _said: _amount(row), is_amount=True),
    DifferenceColumn(heading=_("field"), value=lambda _row, said: said.field),
    DifferenceColumn(heading=_("here"), value=lambda _row, said: said.ours),
    DifferenceColumn(heading=_("in the bill"), value=lambda _row, said: said.theirs),
    DifferenceColumn(heading=_("problem"), value=lambda _row, said: said.problem),
    DifferenceColumn(heading=_("found"), value=lambda row, _said: _moment(row.found_at)),
    DifferenceColumn(heading=_("closed"), value=lambda row, _said: _moment(row.closed_at)),
    DifferenceColumn(heading=_("reason"), value=lambda row, _said: row.reason_shown),
)


def difference_rows(differences: "QuerySet[Difference]") -> Iterator[list[str]]:
    """A row for each, newest first. By the key, a part at a time."""
    wanted: Any = differences.order_by("-pk").select_related("day__account__store")
    last: int | None = None
    while True:
        part = list((wanted if last is None else wanted.filter(pk__lt=last))[:TOGETHER])
        for row in part:
            said = say_difference(row)
            yield [column.value(row, said) for column in COLUMNS]
        if len(part) < TOGETHER:
            return
        last = part[-1].pk
