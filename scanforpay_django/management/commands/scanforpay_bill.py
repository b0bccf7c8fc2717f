"""``manage.py scanforpay_bill``: fetch a platform's bill of a day, or read one from a file."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from scanforpay_django.books.fetch_bill import fetch_bill, import_bill
from scanforpay_django.books.keep_bill import BillOf
from scanforpay_django.books.reconcile import DayIsBusy, reconcile_file
from scanforpay_django.exceptions import BillNotReady, BillRefused, PlatformError
from scanforpay_django.management.commands.scanforpay_rebuild_figures import read_date
from scanforpay_django.models import BillFile, Difference, WalletAccount
from scanforpay_django.wallets.bills.bill_type import BillType
from scanforpay_django.wallets.registry import find_wallet_class

#: problems that are printed; the others are in admin
MAX_PRINTED = 20


class Command(BaseCommand):
    """It may run twice: the same bytes are the same bill."""

    help = (
        "Fetches the bill of a day from a wallet account's platform, or takes one from a file, keeps it as it came, "
        "reads it, and compares it with what is here. Ends with an error where the bill is not ready, or not whole."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--account", type=int, required=True, metavar="ID", help="the account, as admin numbers it"
        )
        parser.add_argument(
            "--day", type=read_date, required=True, help="by the platform's calendar, e.g. 2026-11-29"
        )
        parser.add_argument("--last-day", type=read_date, help="of a file with several days")
        parser.add_argument("--type", default="", help="the kind of bill (default: the wallet's first)")
        parser.add_argument("--file", type=Path, help="read this file, and call no platform")

    def handle(self, *_args: Any, **options: Any) -> None:
        """A line for the bill, and one for each problem."""
        account = WalletAccount.objects.select_related("store").filter(pk=options["account"]).first()
        if account is None:
            raise CommandError(f"no such wallet account: {options['account']}")
        kind = _find_kind(account, options["type"])
        bill = self._bring(account, kind, options["day"], options["last_day"], options["file"])
        self._show(bill)
        self._compare(bill)
        if bill.state == BillFile.State.BROKEN:
            raise CommandError("the bill is not whole")

    def _bring(
        self, account: WalletAccount, kind: BillType, day: date, last_day: date | None, place: Path | None
    ) -> BillFile:
        try:
            if place is None:
                if not kind.is_fetched:
                    raise CommandError(f"there is no API for {kind.name}: give --file")
                return fetch_bill(account, kind.name, day)
            of = BillOf(account=account, bill_type=kind.name, first_day=day, last_day=last_day or day)
            with place.open("rb") as file:
                return import_bill(of, file, by="")
        except BillNotReady as error:
            raise CommandError("the platform has not made the bill yet: ask again in half an hour") from error
        except (BillRefused, PlatformError, OSError) as error:
            raise CommandError(str(error)) from error

    def _compare(self, bill: BillFile) -> None:
        """With what is here. Differences are in admin, and ``scanforpay_reconcile`` prints them."""
        try:
            day = reconcile_file(bill)[0]
        except DayIsBusy as error:
            self.stdout.write(f"not compared: {error}")
            return
        count = day.differences.open().exclude(kind__in=Difference.NOTES).count()
        self.stdout.write(f"compared: {f'{count} different' if count else 'agrees'}")

    def _show(self, bill: BillFile) -> None:
        self.stdout.write(
            f"{bill}: {bill.state}, {bill.line_count} lines, {bill.unread_count} unread, {bill.problem_count} problems"
        )
        for one in bill.problems.all()[:MAX_PRINTED]:
            parts = [
                one.field,
                one.stated and f"says {one.stated!r}",
                one.expected and f"not {one.expected!r}",
            ]
            words = " ".join(filter(None, parts))
            self.stdout.write(f"  line {one.line_no or '-'}: {one.code} {words}")


def _find_kind(account: WalletAccount, name: str) -> BillType:
    backend = find_wallet_class(account.wallet)
    kinds = dict(backend.bill_types) if backend else {}
    if not kinds or (name and name not in kinds):
        raise CommandError(f"{account.wallet} has these kinds of bills: {', '.join(kinds) or 'none'}")
    return kinds[name or next(iter(kinds))]
