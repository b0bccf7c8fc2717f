"""manage.py sandbox_clock: put the sandbox's clock forward."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from scanforpay_django import clock
from scanforpay_django.sandbox import moved_clock
from scanforpay_django.sandbox.moved_clock import ClockRefused


class Command(BaseCommand):
    """Without a span: says what the time is."""

    help = (
        "Put the clock of the sandbox and of this project forward, on this host: retries, expiry, refunds, bills and "
        "certificates move together. Refused where an account is not at the sandbox."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("span", nargs="?", default="", metavar="SPAN", help="+84h, +90m or +1d12h")
        parser.add_argument(
            "--reset", action="store_true", help="back to the host's time; newer rows are of the future then"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Move, and say what the time is. Raises CommandError."""
        try:
            if options["reset"]:
                moved_clock.reset()
            elif options["span"]:
                moved_clock.forward(moved_clock.parse_span(options["span"]))
        except ClockRefused as error:
            raise CommandError(str(error)) from error
        ahead = timedelta(seconds=clock.offset_seconds())
        self.stdout.write(f"It is {clock.now():%Y-%m-%d %H:%M:%S} UTC, {ahead} ahead of this host's clock.")
