"""``manage.py scanforpay_recover``: after the database was lost and a copy of it restored."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime, timedelta
from typing import Any, TypedDict

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from scanforpay_django import clock, money
from scanforpay_django.conf import conf
from scanforpay_django.models import RebuiltOrder, RestoreMark
from scanforpay_django.operations.chain.segments import NotARoot
from scanforpay_django.operations.recovery.ask import Asked, ask_about_orders
from scanforpay_django.operations.recovery.begin import RecoveryRefused, begin_recovery, end_recovery
from scanforpay_django.operations.recovery.bills import bring_back, find_bill_time, find_waiting
from scanforpay_django.operations.recovery.lists import Listed, ask_for_lists
from scanforpay_django.operations.recovery.refunds import RECENT, ask_about_refunds
from scanforpay_django.wallets.base import PaymentResult

#: numbers that are printed; a repeated run shows the others
MAX_PRINTED = 20


class Speed(TypedDict):
    """How fast the platforms are asked."""

    per_second: float
    threads: int


class Command(BaseCommand):
    """Every step may be repeated: what was asked is not asked again."""

    help = (
        "After a restore: nothing is paid or refunded before its platform was asked, open orders are asked about, and "
        "the platforms' bills bring back the rest on the next day. Repeat it to go on, and to see where it stands. "
        "Ends with an error while something cannot be known yet."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--backup-from",
            type=read_moment_argument,
            metavar="TIME",
            help="when the copy was made, with its offset, as 2026-11-29T03:00:00+08:00",
        )
        parser.add_argument(
            "--per-second", type=float, default=10.0, help="questions to one account (default: 10)"
        )
        parser.add_argument("--threads", type=int, default=4, help="that ask at once (default: 4)")
        parser.add_argument(
            "--recent-hours",
            type=int,
            default=RECENT // timedelta(hours=1),
            help="payments that were paid so long before the copy are asked about for refunds (default: %(default)s)",
        )
        parser.add_argument(
            "--last-root",
            default="",
            metavar="ROOT",
            help="the last root of the chain that is known, as it was mailed",
        )
        parser.add_argument("--end", action="store_true", help="end it, whatever cannot be known")

    def handle(self, *_args: Any, **options: Any) -> None:
        """The phases, each with what is known and what cannot be known yet."""
        if options["per_second"] <= 0 or options["threads"] < 1 or options["recent_hours"] < 0:
            raise CommandError("--per-second and --threads have to be more than 0, --recent-hours at least 0")
        mark = self._begin(options["backup_from"], options["last_root"])
        if options["end"]:
            end_recovery(mark)
            self.stdout.write(
                "The recovery has ended. What the bills still bring stands under Reconciliation."
            )
            return
        speed: Speed = {"per_second": options["per_second"], "threads": options["threads"]}
        self._report_asked(mark, ask_about_orders(mark, report=self._report, **speed))
        self._report_listed(ask_for_lists(mark, per_second=options["per_second"]))
        recent = timedelta(hours=options["recent_hours"])
        refunds = ask_about_refunds(mark, recent=recent, report=self._report_refunds, **speed)
        self._report_refunds_asked(refunds)
        bring_back(mark)
        mark.refresh_from_db()
        self._report_rebuilt(mark)
        if mark.ended_at is None:
            self._report_bills(mark)
            raise CommandError("the recovery is not over: what cannot be known yet stands above")
        self.stdout.write("All bills were compared: the recovery has ended.")

    def _begin(self, backup_from: datetime | None, last_root: str) -> RestoreMark:
        if backup_from is None:
            mark = RestoreMark.objects.under_way()
            if mark is None:
                raise CommandError("say when the copy was made: --backup-from 2026-11-29T03:00:00+08:00")
            return mark
        try:
            mark, is_new = begin_recovery(backup_from, last_root=last_root)
        except (RecoveryRefused, NotARoot) as error:
            raise CommandError(str(error)) from error
        if is_new:
            self.stdout.write(
                f"The recovery begins at {mark.at:%Y-%m-%d %H:%M:%S} UTC, from a copy of "
                f"{backup_from:%Y-%m-%d %H:%M:%S %z}.\n"
                "From now on no attempt begins, no order ends and no refund goes out before its platform was asked, "
                "and signed requests from before this moment are refused.\n"
                "Notifications flow: a message has the id that it had before."
            )
        return mark

    def _report(self, asked: Asked) -> None:
        self.stdout.write(f"  {asked.rows} orders asked about, {asked.found} lost attempts found")

    def _report_refunds(self, asked: Asked) -> None:
        self.stdout.write(f"  {asked.rows} payments asked about, {asked.found} lost refunds found")

    def _report_asked(self, mark: RestoreMark, asked: Asked) -> None:
        self.stdout.write(
            f"Open orders of the copy: {asked.rows} asked about now, {asked.found} lost attempts found."
        )
        self._report_faults(asked)
        left = mark.unasked_orders().count()
        if left:
            self.stdout.write(
                f"  {left} orders take no payment and do not end until their platform answers. The worker goes on "
                "asking."
            )

    def _report_faults(self, asked: Asked) -> None:
        for number, why in list(asked.faults.items())[:MAX_PRINTED]:
            self.stdout.write(f"  {number} could not be asked about: {why}")

    def _report_listed(self, listed: Listed) -> None:
        """Nothing where no platform has a list."""
        if not listed.merchants and not listed.faults:
            return
        self.stdout.write(
            f"Platforms' own lists of payments: {listed.merchants} read, {listed.rebuilt} orders made again, "
            f"{len(listed.unknown)} payments of orders that are not here."
        )
        for account, why in list(listed.faults.items())[:MAX_PRINTED]:
            self.stdout.write(f"  {account} cannot be read, its bill tells of the same: {why}")
        for one in listed.unknown[:MAX_PRINTED]:
            self.stdout.write(f"  {_describe(one)}")
        if listed.unknown:
            self.stdout.write(
                "  Ask their merchants to send these orders again: the payments are found then."
            )

    def _report_refunds_asked(self, asked: Asked) -> None:
        self.stdout.write(
            f"Recent payments: {asked.rows} asked about now, {asked.found} refunds found that were not in the copy."
        )
        self._report_faults(asked)

    def _report_rebuilt(self, mark: RestoreMark) -> None:
        rebuilt = RebuiltOrder.objects.filter(at__gte=mark.at)
        waiting = rebuilt.filter(completed_at=None).count()
        self.stdout.write(f"Orders that were not in the copy: {rebuilt.count()} made again.")
        if waiting:
            self.stdout.write(
                f"  {waiting} of them have no notify address: they are announced when their merchants send them again."
            )

    def _report_bills(self, mark: RestoreMark) -> None:
        ready = find_bill_time(mark)
        self.stdout.write(
            "Not known yet: orders made since the copy of which no platform has sent a notification again, and their "
            f"refunds. Bills tell of them, from {ready:%Y-%m-%d %H:%M %Z} on."
        )
        if not conf.bill_storage_is_set:
            self.stdout.write("  No bill is fetched: set SCANFORPAY_BILL_STORAGE.")
        for one in find_waiting(mark)[:MAX_PRINTED]:
            error = f": {one.row.error}" if one.row is not None and one.row.error else ""
            name = f"{one.merchant.wallet} {one.merchant.number or one.merchant.account.pk} {one.day}"
            state = one.row.get_state_display() if one.row is not None else "not due"
            self.stdout.write(f"  {name}: {state}{error}")
        if clock.now() >= ready:
            self.stdout.write("  The worker fetches them; manage.py scanforpay_reconcile does a day by hand.")


def _describe(payment: PaymentResult) -> str:
    """A payment as its merchant can look for it."""
    words = [payment.out_trade_no]
    if payment.amount is not None and payment.currency:
        words += [money.to_major(payment.amount, payment.currency), payment.currency]
    if payment.paid_at is not None:
        words.append(f"paid at {payment.paid_at:%Y-%m-%d %H:%M:%S %z}")
    return " ".join(words)


def read_moment_argument(text: str) -> datetime:
    """A moment with its offset: without one nobody knows which hours are lost. Raises ArgumentTypeError."""
    moment = parse_datetime(text)
    if moment is None or timezone.is_naive(moment):
        raise ArgumentTypeError(f"not a time with an offset: {text}")
    return moment
