"""``manage.py scanforpay_rotate_encryption``: stored secrets under the newest key."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from scanforpay_django.operations.rotation import rotate_encryption


class Command(BaseCommand):
    """Put a new key first in SCANFORPAY_ENCRYPTION_KEYS, restart, run this, then take the old key away."""

    help = (
        "Encrypts sign keys and wallet credentials anew under the first of SCANFORPAY_ENCRYPTION_KEYS. Exits with 1 "
        "when something cannot be decrypted: then keep the old keys."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only count")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Rotate and say what was done."""
        found = rotate_encryption(dry_run=options["dry_run"])
        verb = "to encrypt anew" if options["dry_run"] else "encrypted anew"
        self.stdout.write(f"{found.rotated} {verb}, {found.current} under the newest key already")
        if found.changed:
            self.stdout.write(f"{found.changed} changed meanwhile: run this again")
        for name in found.unreadable:
            self.stdout.write(f"cannot be decrypted by any configured key: {name}")
        if found.unreadable or found.changed:
            raise SystemExit(1)
