"""``manage.py scanforpay_rebuild_figures``: count days again, for example after a store's time zone was changed."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from scanforpay_django import clock
from scanforpay_django.models import Store
from scanforpay_django.operations.figures.rebuild import find_first_whole_day, rebuild_days

DEFAULT_DAYS = 31


def read_date(text: str) -> date:
    """A day as 2026-11-29."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"not a date like 2026-11-29: {text}") from error


class Command(BaseCommand):
    """Goes through the stores; it may run while everything goes on, and twice."""

    help = (
        "Counts the overview's figures again from orders, payments and refunds. The worker does that by itself for "
        "days that change; this is for a store whose time zone was changed, or for days before the first figures."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--since", type=read_date, help=f"the first day (default: {DEFAULT_DAYS} days ago)"
        )
        parser.add_argument("--until", type=read_date, help="the last day (default: today)")
        parser.add_argument("--store", metavar="NUMBER", help="only this store")

    def handle(self, *_args: Any, **options: Any) -> None:
        """A line for each store of which something differed, or was left."""
        stores = Store.objects.order_by("store_no")
        if options["store"]:
            stores = stores.filter(store_no=options["store"])
            if not stores.exists():
                raise CommandError(f"no such store: {options['store']}")
        written = 0
        for store in stores:
            today = clock.now().astimezone(store.zone).date()
            first = options["since"] or today - timedelta(days=DEFAULT_DAYS)
            if first < (whole := find_first_whole_day(store)):
                self.stdout.write(f"{store}: days before {whole} stay, orders of them have been archived")
            number = rebuild_days(store, first, options["until"] or today)
            written += number
            if number:
                self.stdout.write(f"{store}: {number} rows written")
        self.stdout.write(f"{len(stores)} stores, {written} rows written")
