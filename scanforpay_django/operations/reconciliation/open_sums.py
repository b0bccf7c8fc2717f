"""How many differences are open, of which bills, and how much money they are about."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from operator import itemgetter

from django.db.models import BigIntegerField, Count, Sum
from django.db.models.functions import Abs, Cast

from scanforpay_django.models import Difference
from scanforpay_django.operations.staff_scope import Scope


@dataclass(kw_only=True)
class OpenSums:
    """Open differences. Notes, where nothing is missing, are not among them."""

    number: int = 0
    # currency -> minor units, whichever side has more
    amounts: Counter[str] = field(default_factory=Counter)


@dataclass(kw_only=True)
class OpenDifferences:
    """All of a reader's, and those of each bill."""

    total: OpenSums = field(default_factory=OpenSums)
    # of a day of a merchant number, by its key
    by_bill: dict[int, OpenSums] = field(default_factory=dict)
    by_day: Counter[date] = field(default_factory=Counter)

    @property
    def oldest_day(self) -> date | None:
        """Of the bills that have some."""
        return min(self.by_day, default=None)

    @property
    def newest_day(self) -> date | None:
        """Of the bills that have some."""
        return max(self.by_day, default=None)


def read_open(scope: Scope) -> OpenDifferences:
    """One statement, by the index of open differences."""
    rows = scope.narrow(Difference.objects.open().exclude(kind__in=Difference.NOTES)).order_by()
    grouped = rows.values("day", "day__day", "currency").annotate(
        number=Count("pk"), total=Cast(Sum(Abs("amount")), BigIntegerField())
    )
    found = OpenDifferences()
    for row in sorted(grouped, key=itemgetter("day", "currency")):
        for sums in (found.total, found.by_bill.setdefault(row["day"], OpenSums())):
            sums.number += row["number"]
            if row["currency"] and row["total"]:
                sums.amounts[row["currency"]] += row["total"]
        found.by_day[row["day__day"]] += row["number"]
    return found
