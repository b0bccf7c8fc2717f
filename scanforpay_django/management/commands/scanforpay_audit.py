"""``manage.py scanforpay_audit``: do the invariants hold on the data that is there?"""

from argparse import ArgumentParser
from collections import Counter, defaultdict
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from scanforpay_django.models import AuditFailure
from scanforpay_django.operations.audit import (
    ALL_CHECKS,
    Broken,
    Check,
    Extent,
    all_rows,
    audit,
    new_rows,
    record_run,
    rows_since,
)
from scanforpay_django.operations.audit.check import MOST
from scanforpay_django.operations.chain.segments import NotARoot, read_root
from scanforpay_django.operations.chain.verify import ChainVerification

LAST = "last"


def read_moment(text: str) -> datetime:
    """A date, or a date with a time, in the current time zone unless it names one. Raises CommandError."""
    try:
        day = parse_date(text)
        moment = datetime.combine(day, time()) if day else parse_datetime(text)
        if moment is not None:
            aware = timezone.make_aware(moment) if timezone.is_naive(moment) else moment
            # near the calendar's ends there is no day before or after it
            return (aware - timedelta(days=1)).astimezone(UTC) + timedelta(days=1)
    except (ValueError, OverflowError):
        pass
    raise CommandError(
        f"--since takes a date (2026-11-29), a moment (2026-11-29T14:00) or {LAST}, not {text!r}"
    )


class Command(BaseCommand):
    """Looks, and with --repair repairs what is safe."""

    help = (
        "Checks orders, payments, refunds and notifications against what must always hold. Exits with 1 when something "
        "failed and was not repaired. It may run while everything goes on."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--repair", action="store_true", help="repair what is safe to repair")
        parser.add_argument("--check", action="append", default=[], metavar="NAME", help="only this one")
        parser.add_argument("--list", action="store_true", help="the checks, and which can be repaired")
        parser.add_argument(
            "--chain",
            action="store_true",
            help="compare postings, order events, notifications and delivery attempts with the chain instead: names "
            "each row that was changed, removed or inserted, and the column",
        )
        parser.add_argument(
            "--root",
            action="append",
            default=[],
            metavar="NUMBER:DIGEST",
            help="with --chain: a root that was mailed, which the chain must still have",
        )
        rows = parser.add_mutually_exclusive_group()
        rows.add_argument("--all", action="store_true", help="look at all rows (the default)")
        rows.add_argument(
            "--since",
            metavar="DATE|last",
            help="look at rows that were made since then, or since the last run with --since last or of all rows; at "
            "orders that changed, at what is not finished, and at what failed before",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print a line for each broken row, and what was looked at."""
        if options["list"]:
            self._list()
            return
        if options["chain"] or options["root"]:
            self._audit_chain(options)
            return
        chosen, extent = self._choose(options["check"]), self._choose_extent(options["since"])
        counted: Counter[bool] = Counter()
        failed: dict[str, list[int]] = defaultdict(list)
        for one in audit(repair=options["repair"], checks=chosen, extent=extent):
            counted[one.is_repaired] += 1
            if not one.is_repaired:
                failed[one.check.code].append(one.pk)
            self._print_broken(one)
        self._print_extent(extent, options["since"])
        if options["since"] in (None, LAST):
            self._remember(extent, chosen, failed)
        self.stdout.write(f"{len(chosen)} checks: {counted[False]} failed, {counted[True]} repaired")
        if counted[False]:
            raise SystemExit(1)

    def _audit_chain(self, options: dict[str, Any]) -> None:
        """A line for each finding, and what was looked at. Nothing of it can be repaired."""
        if options["repair"] or options["check"] or options["since"] == LAST:
            raise CommandError(
                "--chain takes --root and --since with a date, and neither --repair nor --check"
            )
        try:
            roots = [read_root(text) for text in options["root"]]
        except NotARoot as error:
            raise CommandError(str(error)) from error
        since = read_moment(options["since"]) if options["since"] else None
        verification, failed = ChainVerification(since=since, roots=roots), 0
        for finding in verification.run():
            failed += 1
            self.stdout.write(f"FAILED {finding.code}: {finding.about}: {finding.meaning}")
        self.stdout.write(
            f"{verification.linked} rows agree with the chain or are named, {verification.waiting} are not linked yet: "
            f"{failed} failed"
        )
        if failed:
            raise SystemExit(1)

    def _choose(self, names: list[str]) -> tuple[Check, ...]:
        if unknown := set(names) - {check.code for check in ALL_CHECKS}:
            raise CommandError(f"no such check: {', '.join(sorted(unknown))} (--list shows them)")
        return tuple(check for check in ALL_CHECKS if not names or check.code in names)

    def _choose_extent(self, since: str | None) -> Extent:
        if since is None:
            return all_rows()
        return new_rows() if since == LAST else rows_since(read_moment(since))

    def _print_broken(self, one: Broken) -> None:
        verdict = "repaired" if one.is_repaired else "FAILED"
        model = one.check.rows.model._meta.verbose_name
        self.stdout.write(f"{verdict} {one.check.code}: {model} {one.pk} ({one.row}): {one.check.text}")

    def _print_extent(self, extent: Extent, since: str | None) -> None:
        if extent.after is None:
            self.stdout.write("Looked at all rows.")
            return
        keys = ", ".join(
            f"{model._meta.verbose_name} {extent.after[model] + 1} to {newest}"
            for model, newest in extent.newest.items()
            if newest > extent.after[model]
        )
        self.stdout.write(
            f"Looked at rows since {'the last run' if since == LAST else since} ({keys or 'none'}), at orders that "
            "changed since, at what is not finished, and at what failed before. --all looks at all rows."
        )

    def _remember(self, extent: Extent, checks: tuple[Check, ...], failed: dict[str, list[int]]) -> None:
        """For --since last. Where a check found too much, the next run begins where this one did."""
        for check in checks:
            AuditFailure.objects.replace(check.code, failed[check.code])
        if checks == ALL_CHECKS and all(len(keys) < MOST for keys in failed.values()):
            record_run(extent)

    def _list(self) -> None:
        for check in ALL_CHECKS:
            mends = "repaired with --repair" if check.repair else "manual"
            self.stdout.write(f"{check.code} (invariant {check.invariant or '-'}, {mends}): {check.text}")
