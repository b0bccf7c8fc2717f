"""Orders as a table for an accountant: CSV as it is read, XLSX in one file. Constant memory, however many there are."""

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from tempfile import TemporaryFile
from typing import IO, Any

import xlsxwriter
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from scanforpay_django import money
from scanforpay_django.models import Order, Payment

#: orders of one statement
TOGETHER = 2000
#: the rows of a sheet are numbered up to 1,048,576, and the first is the heading. Source: Excel's published limits
MOST_IN_A_SHEET = 1_048_575
#: what a spreadsheet takes for the beginning of a formula, in CSV. Source: OWASP, "CSV Injection"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True, kw_only=True)
class Heading:
    """What stands above a column."""

    heading: Any
    # whether it is a number that a spreadsheet may add up
    is_amount: bool = False


@dataclass(frozen=True, kw_only=True)
class Column(Heading):
    """One column of the table."""

    # of an order and the platform's number of its applied payment
    value: Callable[[Order, str], str]


def _moment(value: datetime | None) -> str:
    """To the second, in the time zone in which staff see pages."""
    return timezone.localtime(value).strftime("%Y-%m-%d %H:%M:%S") if value else ""


COLUMNS = (
    Column(heading=_("order number"), value=lambda order, _no: order.order_no),
    Column(heading=_("merchant's order number"), value=lambda order, _no: order.partner_order_no),
    Column(heading=_("platform's number"), value=lambda _order, number: number),
    Column(heading=_("store number"), value=lambda order, _no: order.store.store_no),
    Column(heading=_("store"), value=lambda order, _no: order.store.name),
    Column(heading=_("wallet"), value=lambda order, _no: order.wallet),
    Column(heading=_("state"), value=lambda order, _no: str(order.get_state_display())),
    Column(heading=_("currency"), value=lambda order, _no: order.currency),
    Column(
        heading=_("amount"),
        value=lambda order, _no: money.to_major(order.amount, order.currency),
        is_amount=True,
    ),
    Column(
        heading=_("refunded amount"),
        value=lambda order, _no: money.to_major(order.refunded_amount, order.currency),
        is_amount=True,
    ),
    Column(heading=_("title"), value=lambda order, _no: order.title),
    Column(heading=_("created"), value=lambda order, _no: _moment(order.created_at)),
    Column(heading=_("paid at"), value=lambda order, _no: _moment(order.paid_at)),
)


def headings(columns: Sequence[Heading] = COLUMNS) -> list[str]:
    """The first row, in the language that is active."""
    return [str(column.heading) for column in columns]


def table_rows(orders: "QuerySet[Order]") -> Iterator[list[str]]:
    """A row for each of ``orders``, newest first. By the key, a few at a time: an order that is made meanwhile is not
    among them, and a connection behind a pooler needs no cursor of its own.
    """
    wanted = orders.order_by("-pk").select_related("store")
    last: int | None = None
    while True:
        part = list((wanted if last is None else wanted.filter(pk__lt=last))[:TOGETHER])
        numbers = dict(
            Payment.objects.filter(order__in=[order.pk for order in part], is_applied=True).values_list(
                "order_id", "trade_no"
            )
        )
        for order in part:
            yield [column.value(order, numbers.get(order.pk, "")) for column in COLUMNS]
        if len(part) < TOGETHER:
            return
        last = part[-1].pk


def harmless(text: str) -> str:
    """The text of a CSV cell that no spreadsheet computes: with an apostrophe before what would begin a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


class _Line:
    """What a CSV writer writes to: the line comes back from ``writerow``."""

    def write(self, text: str) -> str:
        return text


def csv_lines(rows: Iterator[Sequence[str]], columns: Sequence[Heading] = COLUMNS) -> Iterator[str]:
    """Lines of a CSV file as spreadsheets read it: with a byte order mark, for they take it for a local one without."""
    writer: Any = csv.writer(_Line())
    yield "\ufeff" + writer.writerow([harmless(text) for text in headings(columns)])
    for row in rows:
        yield writer.writerow(
            [text if column.is_amount else harmless(text) for column, text in zip(columns, row, strict=True)]
        )


def write_xlsx(rows: Iterator[Sequence[str]]) -> IO[bytes]:
    """An Excel file, open at its beginning. Amounts are numbers; all else is text, so that no number of an order is
    rounded and no title computed.

    Raises TooManyRows.
    """
    file = TemporaryFile()  # noqa: SIM115 - the answer closes it
    book = xlsxwriter.Workbook(file, {"constant_memory": True})
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True})
    # by decimal places
    formats = [
        book.add_format({"num_format": form}) for form in ("#,##0", "#,##0.0", "#,##0.00", "#,##0.000")
    ]
    for place, text in enumerate(headings()):
        sheet.write_string(0, place, text, bold)
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(rows, start=1):
        if number > MOST_IN_A_SHEET:
            # It has files of its own open.
            book.close()
            file.close()
            raise TooManyRows
        for place, (column, text) in enumerate(zip(COLUMNS, row, strict=True)):
            if column.is_amount:
                value = Decimal(text)
                sheet.write_number(number, place, value, formats[-int(value.as_tuple().exponent)])
            else:
                sheet.write_string(number, place, text)
    book.close()
    file.seek(0)
    return file


class TooManyRows(Exception):
    """More orders than a sheet has rows."""
