"""``manage.py scanforpay_audit``: do the invariants hold on the data that is there?"""

from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from scanforpay_django.operations.audit import ALL_CHECKS, audit


class Command(BaseCommand):
    """Looks, and with --repair mends what is safe."""

    help = (
        "Checks orders, payments, refunds and notifications against what must always hold. Exits with 1 when something "
        "is broken and was not mended. It may run while everything goes on."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--repair", action="store_true", help="mend what is safe to mend")
        parser.add_argument("--check", action="append", default=[], metavar="NAME", help="only this one")
        parser.add_argument("--list", action="store_true", help="the checks, and which can be mended")

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
            verdict = "mended" if one.is_repaired else "BROKEN"
            model = one.check.rows.model._meta.verbose_name
            self.stdout.write(f"{verdict} {one.check.code}: {model} {one.pk} ({one.row}): {one.check.text}")
        self.stdout.write(f"{len(chosen)} checks: {counted[False]} broken, {counted[True]} mended")
        if counted[False]:
            raise SystemExit(1)

    def _list(self) -> None:
        for check in ALL_CHECKS:
            mends = "mended with --repair" if check.repair else "for a person"
            self.stdout.write(f"{check.code} (invariant {check.invariant or '-'}, {mends}): {check.text}")
