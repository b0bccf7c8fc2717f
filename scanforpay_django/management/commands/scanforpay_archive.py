"""``manage.py scanforpay_archive``: closed orders to a file, and back."""

import json
from argparse import ArgumentParser, ArgumentTypeError
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from scanforpay_django import clock
from scanforpay_django.operations.archive.archive_file import ArchiveError
from scanforpay_django.operations.archive.archive_orders import DEFAULT_BATCH, MAX_BATCH, archive_orders
from scanforpay_django.operations.archive.import_orders import import_orders
from scanforpay_django.operations.archive.look_up import find_orders, list_orders
from scanforpay_django.operations.archive.totals import Totals

MIN_AGE = timedelta(days=90)
#: for so long platforms take refunds
REFUNDABLE = timedelta(days=366)
WARNING = (
    "WARNING: platforms take refunds for a year, and an archived order can be neither refunded nor queried here until "
    "it is imported again."
)
LISTED = ("order_no", "partner_order_no", "state", "amount", "currency", "created_at")


def parse_day(text: str) -> datetime:
    """The beginning of a day in the project's time zone."""
    try:
        day = date.fromisoformat(text)
        return timezone.make_aware(datetime.combine(day, time.min), timezone.get_default_timezone())
    except (ValueError, OverflowError) as error:
        raise ArgumentTypeError(f"{text!r} is not a date: write 2025-01-01") from error


def parse_batch(text: str) -> int:
    """How many orders a batch has."""
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= MAX_BATCH:
        raise ArgumentTypeError(f"give a number from 1 to {MAX_BATCH}")
    return int(text)


class Command(BaseCommand):
    """Archives, imports, lists or shows."""

    help = (
        "Moves orders that are closed, with everything that belongs to them, from the database to a file: --before and "
        "--to. It may run while everything goes on; after a kill the same command goes on. Puts them back: --import. "
        "Looks into a file: --list, --show."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument(
            "--before", type=parse_day, metavar="DATE", help="archive orders created before this day began"
        )
        what.add_argument("--import", type=Path, metavar="FILE", dest="source", help="put orders back")
        what.add_argument("--list", type=Path, metavar="FILE", help="the orders in a file")
        what.add_argument("--show", metavar="ORDER_NO", help="one order, with all rows, as JSON; with --from")
        parser.add_argument("--to", type=Path, metavar="FILE.jsonl.gz", help="where archived orders go")
        parser.add_argument(
            "--from", type=Path, metavar="FILE", dest="shown", help="the file that --show reads"
        )
        parser.add_argument(
            "--order",
            nargs="+",
            default=[],
            metavar="ORDER_NO",
            help="import these, by our or the merchant's number",
        )
        parser.add_argument(
            "--batch", type=parse_batch, default=DEFAULT_BATCH, help="orders in one transaction"
        )
        parser.add_argument(
            "--yes-refunds-end",
            action="store_true",
            help="archive orders younger than 366 days, which could still be refunded",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do what was asked for."""
        try:
            if options["before"]:
                self._archive(options)
            elif options["source"]:
                self._import(options["source"], options["order"])
            elif options["list"]:
                for order in list_orders(options["list"]):
                    self.stdout.write(" ".join(str(order[name]) for name in LISTED))
            else:
                self._show(options["show"], options["shown"])
        except ArchiveError as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError(f"the database: {error}. Nothing is lost; the same command goes on") from error
        except OSError as error:
            raise CommandError(f"{error.filename or 'the archive'}: {error.strerror}") from error

    def _archive(self, options: dict[str, Any]) -> None:
        if not options["to"]:
            raise CommandError("say where the orders go: --to FILE.jsonl.gz")
        age = clock.now() - options["before"]
        if age < MIN_AGE:
            raise CommandError(f"the date must be at least {MIN_AGE.days} days in the past")
        if age < REFUNDABLE:
            self.stderr.write(WARNING)
            if not options["yes_refunds_end"]:
                raise CommandError(
                    f"give a date at least {REFUNDABLE.days} days in the past, or add --yes-refunds-end"
                )
        archived = archive_orders(
            options["to"], options["before"], batch=options["batch"], report=self._report
        )
        for name, number in sorted(archived.totals.rows.items()):
            self.stdout.write(f"{name}: {number}")
        for line in archived.totals.money_lines():
            self.stdout.write(f"{line} (minor units)")
        for reason, number in sorted(archived.left.items()):
            self.stdout.write(f"left: {number}, {reason}")
        self.stdout.write(
            f"{archived.totals.orders} orders are in {options['to']}, {archived.left.total()} were left"
        )

    def _report(self, totals: Totals) -> None:
        self.stdout.write(f"{totals.orders} orders archived so far")
        self.stdout.flush()

    def _import(self, path: Path, numbers: list[str]) -> None:
        imported = import_orders(path, frozenset(numbers))
        if not imported.is_complete:
            self.stderr.write(f"WARNING: the run that wrote {path} did not end; what it holds was imported")
        self.stdout.write(
            f"{imported.orders} orders with {imported.rows} rows imported, {imported.present} were there already"
        )
        if numbers and not imported.orders + imported.present:
            raise CommandError(f"no such order in {path}: {', '.join(numbers)}")

    def _show(self, number: str, path: Path | None) -> None:
        if path is None:
            raise CommandError("say which file: --show ORDER_NO --from FILE")
        found = [rows for _entry, rows in find_orders(path, {number})]
        if not found:
            raise CommandError(f"no order {number} in {path}")
        for rows in found:
            self.stdout.write(json.dumps(rows, indent=2, ensure_ascii=False))
