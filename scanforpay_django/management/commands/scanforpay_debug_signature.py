"""``manage.py scanforpay_debug_signature``: take a failed request and name the mistake."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from scanforpay_django.operations.signature import diagnose


class Command(BaseCommand):
    """Reads the body of a request as it was sent."""

    help = (
        "Says why a request's signature is refused. Give the body exactly as it was sent, in a file or on standard "
        "input. Exits with 1 when something is wrong. No right signature is ever printed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file and the partner."""
        parser.add_argument("file", nargs="?", default="-", help="the request's body; - is standard input")
        parser.add_argument("--partner", default="", help="partner number; else the one the request names")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print a line for each finding."""
        found = diagnose(_read_file(options["file"]), options["partner"])
        self.stdout.write(f"partner {found.partner_no or '?'}")
        for one in found.findings:
            self.stdout.write(f"- {one.code}: {one}")
        if not found.is_right:
            raise SystemExit(1)


def _read_file(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror}") from error
