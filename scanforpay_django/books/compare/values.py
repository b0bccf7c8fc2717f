"""What is compared, and what comes of it."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from dataclasses import field as with_default
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q

from scanforpay_django.books.bill_merchants import BillMerchant
from scanforpay_django.models import BillFile, BillLine, Difference
from scanforpay_django.wallets.bills.amounts import CHINA

Kind = Difference.Kind
LineKind = BillLine.Kind
#: currency -> payments, paid, refunds, refunded
Totals = dict[str, dict[str, int]]


@dataclass(frozen=True, kw_only=True)
class BillSpan:
    """One bill with its neighbours: what one platform puts into a day, the other puts into the next."""

    merchant: BillMerchant
    bill: BillFile
    # the bills of the days before and after that are read, whole or not
    neighbours: tuple[BillFile, ...] = ()
    # whether nothing more is expected of the day before and of the day after
    are_neighbours_final: bool = False
    # a day from here on that has no row yet is going to have one; None: none is
    expected_from: date | None = None
    # the day of our go-live and those before it have payments of the system before
    now: datetime

    @property
    def day(self) -> date:
        """The bill's first day."""
        return self.bill.day

    @property
    def begins_at(self) -> datetime:
        """The platforms' days are Beijing's."""
        return datetime.combine(self.bill.day, time(), CHINA)

    @property
    def ends_at(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.bill.last_day + timedelta(days=1), time(), CHINA)

    @property
    def file_ids(self) -> list[int]:
        """The bill and its neighbours."""
        return [self.bill.pk, *(one.pk for one in self.neighbours)]

    @property
    def is_whole(self) -> bool:
        """Whether what is not in it did not happen."""
        return self.bill.state in (BillFile.State.READ, BillFile.State.NONE)

    def contains(self, moment: datetime | None) -> bool:
        """Whether it lies in the bill's days."""
        return moment is not None and self.begins_at <= moment < self.ends_at

    def within(self, path: str) -> Q:
        """Rows whose moment lies in the bill's days."""
        return Q(**{f"{path}__gte": self.begins_at, f"{path}__lt": self.ends_at})


@dataclass(frozen=True, kw_only=True)
class Found:
    """One difference that is there now."""

    kind: Kind
    # with the kind it names the difference
    number: str
    account_id: int
    order_no: str = ""
    # which field, what is here, what the bill says
    field: str = ""
    ours: str = ""
    theirs: str = ""
    # minor units
    amount: int | None = None
    currency: str = ""
    details: Mapping[str, Any] = with_default(default_factory=dict)

    def facts(self) -> str:
        """A digest of what both sides say."""
        said = [self.field, self.ours, self.theirs, self.amount, self.currency, dict(self.details)]
        return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


@dataclass(kw_only=True)
class Comparison:
    """What came of comparing one bill."""

    found: list[Found] = with_default(default_factory=list)
    # kinds that could be judged: an open difference of one of them that was not found is gone
    judged: set[Kind] = with_default(default_factory=set)
    # something can only be judged when a neighbour is here
    is_waiting: bool = False
    totals: Totals = with_default(default_factory=dict)
    foreign: Totals = with_default(default_factory=dict)

    def add(self, found: Collection[Found], *judged: Kind) -> None:
        """What was found by looking for these kinds."""
        self.found += found
        self.judged |= set(judged)
