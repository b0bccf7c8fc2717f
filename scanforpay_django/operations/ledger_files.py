"""The ledger's report as files: CSV as it is read, XLSX with the month's sums and its days."""

import csv
from collections.abc import Iterator
from decimal import Decimal
from typing import IO, Any

import xlsxwriter
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scanforpay_django import money
from scanforpay_django.books.reports import Period, ReportRow, Sums
from scanforpay_django.operations.order_export import harmless
from scanforpay_django.operations.overview.month import shown_wallet

#: the columns that say whose money it is, and those of its sums
_NAMES = (_("day"), _("store number"), _("store"), _("wallet account"), _("wallet"), _("currency"))
_SUMS = (
    _("gross"),
    _("of it unapplied"),
    _("refunds"),
    _("fees"),
    _("net"),
    _("payments"),
    _("number of refunds"),
    _("payments without a fee"),
    _("expected fees"),
)
#: how many of the sums are amounts; the others are counts
_AMOUNTS = 5


def describe_period(period: Period) -> str:
    """Which days these are, and by which clock."""
    names = {"first": period.first.isoformat(), "last": period.last.isoformat()}
    if period.is_platform_day:
        return gettext("%(first)s to %(last)s, days of the platforms (UTC+8)") % names
    return gettext("%(first)s to %(last)s, days of each store's time zone") % names


def headings() -> list[str]:
    """The table's first row."""
    return [str(name) for name in (*_NAMES, *_SUMS)]


def _amount(amount: int, currency: str) -> str:
    return f"-{money.to_major(-amount, currency)}" if amount < 0 else money.to_major(amount, currency)


def _sum_cells(sums: Sums, currency: str) -> list[str]:
    """Without any fee neither fees nor what is left after them is known."""
    fees = [sums.fees, sums.net] if sums.has_fees else [None, None]
    amounts = [sums.gross, sums.unapplied, sums.refunds, *fees]
    counts = [sums.payment_count, sums.refund_count, sums.without_fee, sums.expected_count]
    return ["" if one is None else _amount(one, currency) for one in amounts] + [str(one) for one in counts]


def _name_cells(row: ReportRow) -> list[str]:
    account = row.account
    name = account.name or str(account.pk)
    return [row.store.store_no, row.store.name, name, str(shown_wallet(account.wallet)), row.currency]


def csv_lines(rows: Iterator[ReportRow]) -> Iterator[str]:
    """With a byte order mark, so that spreadsheets do not take it for a local encoding."""
    writer: Any = csv.writer(_Line())
    yield "\ufeff" + writer.writerow(headings())
    for row in rows:
        names = [row.day.isoformat(), *map(harmless, _name_cells(row))]
        yield writer.writerow([*names, *_sum_cells(row.sums, row.currency)])


class _Line:
    """What a CSV writer writes to: the line comes back from ``writerow``."""

    def write(self, text: str) -> str:
        return text


def write_xlsx(file: IO[bytes], rows: Iterator[ReportRow], period: Period, note: str = "") -> None:
    """A sheet with a row for each store, account and currency, and one with the days. ``note`` stands above both."""
    book = xlsxwriter.Workbook(file)
    sheets = [_Sheet(book, gettext("Month"), period, skips_day=True), _Sheet(book, gettext("Days"), period)]
    for sheet in sheets if note else ():
        sheet.sheet.write_string(1, 0, note)
    months: dict[tuple[str, ...], tuple[Sums, str]] = {}
    for row in rows:
        names = _name_cells(row)
        sheets[1].write([row.day.isoformat(), *names], row.sums, row.currency)
        months.setdefault((*names, str(row.account.pk)), (Sums(), row.currency))[0].merge(row.sums)
    for key, (sums, currency) in months.items():
        sheets[0].write(list(key[:-1]), sums, currency)
    book.close()


class _Sheet:
    """One sheet: what it is, the headings, and rows below each other. Text is text, and no spreadsheet computes it."""

    def __init__(self, book: Any, name: str, period: Period, *, skips_day: bool = False) -> None:
        self.sheet = book.add_worksheet(name)
        bold = book.add_format({"bold": True})
        # by decimal places
        self.formats = [
            book.add_format({"num_format": form}) for form in ("#,##0", "#,##0.0", "#,##0.00", "#,##0.000")
        ]
        self.sheet.write_string(0, 0, describe_period(period))
        for place, text in enumerate(headings()[1 if skips_day else 0 :]):
            self.sheet.write_string(2, place, text, bold)
        self.sheet.freeze_panes(3, 0)
        self.last = 2

    def write(self, names: list[str], sums: Sums, currency: str) -> None:
        """Add one row of the report."""
        self.last += 1
        for place, text in enumerate(names):
            self.sheet.write_string(self.last, place, text)
        for place, text in enumerate(_sum_cells(sums, currency), start=len(names)):
            if text:
                value = Decimal(text)
                self.sheet.write_number(
                    self.last, place, value, self.formats[-int(value.as_tuple().exponent)]
                )
