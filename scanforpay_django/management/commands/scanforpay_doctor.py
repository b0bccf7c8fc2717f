"""``manage.py scanforpay_doctor``: examine this installation, and say how to mend it."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from scanforpay_django.operations.examination.doctor import examine


class Command(BaseCommand):
    """It changes nothing. Exit status 1 where something is wrong."""

    help = (
        "Examines settings, keys, database, migrations, workers, queue, clocks, Redis, mail, certificates and bills; "
        "with --online the public address and every wallet account's platform too."
    )
    # What is wrong is to be said, and not to stop the command.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--online", action="store_true", help="call our public address and the platforms too"
        )
        parser.add_argument("--json", action="store_true", help="write the findings as a JSON list")

    def handle(self, *_args: Any, **options: Any) -> None:
        """A line for each finding; what is wrong has its remedy below."""
        findings = []
        for finding in examine(goes_online=options["online"]):
            findings.append(finding)
            if not options["json"]:
                mark = "ok     " if finding.is_right else "PROBLEM"
                self.stdout.write(f"{mark} {finding.name}: {finding.text}")
                if finding.fix:
                    self.stdout.write(f"        -> {finding.fix}")
        if options["json"]:
            self.stdout.write(json.dumps([asdict(finding) for finding in findings], indent=2))
        count = sum(not finding.is_right for finding in findings)
        if count:
            raise CommandError(f"{count} problems")
