"""``manage.py scanforpay_reconcile``: fetch the bills of a day, or read one from a file, and compare them."""

from argparse import ArgumentParser
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from scanforpay_django import clock, money
from scanforpay_django.books.bill_merchants import BillMerchant, find_merchant, find_merchants
from scanforpay_django.books.fetch_bill import fetch_bill, import_bill
from scanforpay_django.books.keep_bill import BillOf
from scanforpay_django.books.reconcile import compare_file
from scanforpay_django.exceptions import BillNotReady, ScanForPayError
from scanforpay_django.management.commands.scanforpay_rebuild_figures import read_date
from scanforpay_django.models import BillDay, BillFile, Difference, WalletAccount
from scanforpay_django.wallets.bills.amounts import CHINA
from scanforpay_django.wallets.bills.bill_type import BillType

#: differences that are printed; the others are in admin
MAX_PRINTED = 50


class Command(BaseCommand):
    """It may run twice, and in any order of days: the same differences are the same rows."""

    help = (
        "Fetches the platforms' bills of a day, or reads one from a file, and compares them with the payments and "
        "refunds that are here. Ends with an error where something is different, or a bill is not there."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--date", type=read_date, help="by the platform's calendar, as 2026-11-29 (default: yesterday)"
        )
        parser.add_argument(
            "--account",
            type=int,
            metavar="ID",
            help="only this wallet account's merchant number; needed for --file",
        )
        parser.add_argument("--type", default="", help="the kind of bill (default: the wallet's first)")
        parser.add_argument("--file", type=Path, help="read this file, and call no platform")
        parser.add_argument("--last-day", type=read_date, help="of a file with several days")

    def handle(self, *_args: Any, **options: Any) -> None:
        """A line for each merchant number, and one for each difference that is open."""
        day = options["date"] or clock.now().astimezone(CHINA).date() - timedelta(days=1)
        if options["file"] and options["account"] is None:
            raise CommandError("say whose bill the file is: --account ID")
        outcomes = [
            self._reconcile(merchant, day, options) for merchant in self._find_merchants(options["account"])
        ]
        if not all(outcomes):
            raise CommandError("not everything agrees")

    def _find_merchants(self, account_id: int | None) -> Iterable[BillMerchant]:
        if account_id is None:
            return [
                one
                for one in find_merchants()
                if one.compared_type and one.compared_type.is_fetched and one.account.is_active
            ]
        account = WalletAccount.objects.select_related("store").filter(pk=account_id).first()
        if account is None:
            raise CommandError(f"no such wallet account: {account_id}")
        return [find_merchant(account)]

    def _reconcile(self, merchant: BillMerchant, day: date, options: dict[str, Any]) -> bool:
        """Whether all agrees. A merchant number that cannot be asked keeps no other from being compared."""
        name = f"{merchant.wallet} {merchant.number or merchant.account.pk} {day}"
        try:
            kind = _find_kind(merchant, options["type"])
            bill = _bring(merchant, kind, day, options)
            found = compare_file(merchant, bill)[0]
        except BillNotReady:
            self.stdout.write(f"{name}: the platform has not made the bill yet: ask again in half an hour")
            return False
        except (ScanForPayError, ImproperlyConfigured, OSError) as error:
            self.stdout.write(f"{name}: {error}")
            return False
        return self._show(name, found)

    def _show(self, name: str, day: BillDay) -> bool:
        differences = day.differences.open().exclude(kind__in=Difference.NOTES)
        count = differences.count()
        sums = ", ".join(
            f"{one['payments']} payments {money.to_major(one['paid'], currency)} {currency}"
            for currency, one in sorted(day.totals.items())
        )
        verdict = "agrees" if not count else f"{count} different"
        self.stdout.write(f"{name}: {day.get_state_display()}, {sums or 'no lines'}: {verdict}")
        for row in differences.order_by("kind", "number")[:MAX_PRINTED]:
            self.stdout.write(
                f"  {row.kind} {row.number} {row.field}: here {row.ours or '-'}, there {row.theirs or '-'}"
            )
        return not count and day.state != BillDay.State.BROKEN


def _find_kind(merchant: BillMerchant, name: str) -> BillType:
    kinds = merchant.bill_types
    kind = kinds.get(name) if name else merchant.compared_type
    if kind is None:
        raise CommandError(f"{merchant.wallet} has these kinds of bills: {', '.join(kinds) or 'none'}")
    return kind


def _bring(merchant: BillMerchant, kind: BillType, day: date, options: dict[str, Any]) -> BillFile:
    if options["file"] is None:
        if not kind.is_fetched:
            raise CommandError(f"there is no API for {kind.name}: give --file")
        return fetch_bill(merchant.account, kind.name, day)
    last = options["last_day"] or day
    of = BillOf(account=merchant.account, bill_type=kind.name, first_day=day, last_day=last)
    with options["file"].open("rb") as file:
        return import_bill(of, file, by="")
