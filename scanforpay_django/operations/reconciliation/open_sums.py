"""How many differences are open, of which bills, and how much money they are about."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from operator import itemgetter

from django.db.models import BigIntegerField, Count, Sum
from django.db.models.functions import Abs, Cast

from scanforpay_django.models import Difference
from scanforpay_django.operations.staff_scope import Scope

Kind = Difference.Kind
#: about what is not in the bill, or about all of it
_OF_NO_LINE = (
    Kind.MISSING_THERE,
    Kind.REFUND_MISSING_THERE,
    Kind.NOT_NOTIFIED,
    Kind.FEE_SUM,
    Kind.BILL_LATE,
    Kind.BILL_BROKEN,
    Kind.BILL_CHANGED,
    Kind.BALANCE,
)


@dataclass(kw_only=True)
class OpenSums:
    """Open differences. Notes, where nothing is missing, are not among them."""

    number: int = 0
    # of them, those that are about a line of the bill
    lines: int = 0
    # currency -> minor units, whichever side has more
    amounts: dict[str, int] = field(default_factory=dict)

    def add(self, kind: str, number: int, currency: str, amount: int | None) -> None:
        """Those of one kind and currency; "" and None where they are about no money."""
        self.number += number
        self.lines += number if kind not in _OF_NO_LINE else 0
        if currency and amount:
            self.amounts[currency] = self.amounts.get(currency, 0) + amount


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
    grouped = rows.values("day", "day__day", "kind", "currency").annotate(
        number=Count("pk"), total=Cast(Sum(Abs("amount")), BigIntegerField())
    )
    found = OpenDifferences()
    for row in sorted(grouped, key=itemgetter("day", "currency", "kind")):
        for sums in (found.total, found.by_bill.setdefault(row["day"], OpenSums())):
            sums.add(row["kind"], row["number"], row["currency"], row["total"])
        found.by_day[row["day__day"]] += row["number"]
    return found
