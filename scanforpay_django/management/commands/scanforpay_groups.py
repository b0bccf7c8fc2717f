"""``manage.py scanforpay_groups``: groups of staff that are ready to be given to users."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from scanforpay_django.operations.staff_groups import GroupOutcome, PermissionsMissing, make_groups


class Command(BaseCommand):
    """Makes what is missing and changes nothing that is there."""

    help = (
        "Makes the groups cashier, shop manager, accountant, developer and operator. A group that exists is left as it "
        "is, and what it lacks is said."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """A line for each group."""
        try:
            for outcome in make_groups():
                self.stdout.write(_line(outcome))
        except PermissionsMissing as error:
            raise CommandError(f"run migrate first: there is no permission {error}") from error


def _line(outcome: GroupOutcome) -> str:
    if outcome.is_new:
        return f"{outcome.name}: made"
    differences = [
        f"{word} {', '.join(codenames)}"
        for word, codenames in (("without", outcome.lacking), ("with", outcome.added))
        if codenames
    ]
    return "; ".join([f"{outcome.name}: left as it is", *differences])
