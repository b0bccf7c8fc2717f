"""``manage.py scanforpay_report``: a month of the ledger, as text, CSV or XLSX, and the whole ledger for Beancount."""

import re
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from scanforpay_django.books.beancount import write_beancount
from scanforpay_django.books.follow import catch_up
from scanforpay_django.books.reports import Period, read_report
from scanforpay_django.models import Posting, Store
from scanforpay_django.operations.chain.roots import describe_month_root
from scanforpay_django.operations.figures.bill_days import post_bills
from scanforpay_django.operations.ledger_files import csv_lines, describe_period, write_xlsx

_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")


def read_month(text: str) -> date:
    """A month as 2026-11: its first day."""
    found = _MONTH.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        return date(int(found[1]), int(found[2]), 1)
    except ValueError as error:
        raise ArgumentTypeError(f"not a month like 2026-11: {text}") from error


class Command(BaseCommand):
    """Posts what the worker has not come to yet, so that the report is of now."""

    help = (
        "Gross, refunds, fees, net and counts by day, store, wallet account and currency, from the ledger. Written as "
        "CSV to the standard output, unless a file is named."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--month", type=read_month, help="as 2026-11; needed for all but --beancount")
        parser.add_argument(
            "--day",
            choices=("store", "platform"),
            default="store",
            help="whose days: of each store's time zone (the default), or of the platforms' bills (UTC+8)",
        )
        parser.add_argument("--store", metavar="NUMBER", default="", help="only this store")
        target = parser.add_mutually_exclusive_group()
        target.add_argument("--csv", type=Path, metavar="FILE")
        target.add_argument("--xlsx", type=Path, metavar="FILE", help="with a sheet of the month's sums")
        target.add_argument("--beancount", type=Path, metavar="FILE", help="all postings, for bean-check")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Writes one file, or to the standard output."""
        store_no, month = options["store"], options["month"]
        if store_no and not Store.objects.filter(store_no=store_no).exists():
            raise CommandError(f"no such store: {store_no}")
        if month is None and not options["beancount"]:
            raise CommandError("name a month: --month 2026-11")
        catch_up()
        while post_bills():
            continue
        try:
            if options["beancount"]:
                self._write_beancount(options["beancount"], store_no, month)
            else:
                self._write_report(options)
        except OSError as error:
            raise CommandError(str(error)) from error

    def _write_beancount(self, path: Path, store_no: str, month: date | None) -> None:
        if month is not None:
            raise CommandError(
                "the ledger's balances begin with its first posting: --beancount takes no --month"
            )
        postings: Any = (
            Posting.objects.filter(store__store_no=store_no) if store_no else Posting.objects.all()
        )
        _write(path, (f"{line}\n" for line in write_beancount(postings)))

    def _write_report(self, options: dict[str, Any]) -> None:
        month: date = options["month"]
        period = Period.month(month.year, month.month, is_platform_day=options["day"] == "platform")
        rows, root = read_report(period, options["store"]), describe_month_root(period.last)
        if options["xlsx"]:
            with options["xlsx"].open("wb") as file:
                write_xlsx(file, rows, period, root)
        elif options["csv"]:
            _write(options["csv"], csv_lines(rows))
        else:
            for line in csv_lines(rows):
                self.stdout.write(line.removeprefix("\ufeff").rstrip("\r\n"))
        self.stderr.write(describe_period(period))
        if root:
            self.stderr.write(root)


def _write(path: Path, lines: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(lines)
