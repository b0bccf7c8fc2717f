"""``manage.py scanforpay_audit``: do the invariants hold on the data that is there?"""

from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from scanforpay_django.operations.audit import ALL_CHECKS, audit


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

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print a line for each broken row."""
        if options["list"]:
            self._list()
            return
        named = set(options["check"])
        if unknown := named - {check.code for check in ALL_CHECKS}:
            raise CommandError(f"no such check: {', '.join(sorted(unknown))} (--list shows them)")
        chosen = tuple(check for check in ALL_CHECKS if not named or check.code in named)
        counted: Counter[bool] = Counter()
        for one in audit(repair=options["repair"], checks=chosen):
            counted[one.is_repaired] += 1
            verdict = "repaired" if one.is_repaired else "FAILED"
            model = one.check.rows.model._meta.verbose_name
            self.stdout.write(f"{verdict} {one.check.code}: {model} {one.pk} ({one.row}): {one.check.text}")
        self.stdout.write(f"{len(chosen)} checks: {counted[False]} failed, {counted[True]} repaired")
        if counted[False]:
            raise SystemExit(1)

    def _list(self) -> None:
        for check in ALL_CHECKS:
            mends = "repaired with --repair" if check.repair else "manual"
            self.stdout.write(f"{check.code} (invariant {check.invariant or '-'}, {mends}): {check.text}")
