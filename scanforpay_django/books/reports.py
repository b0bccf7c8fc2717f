"""A month by day, store, wallet account and currency, read from the ledger. Currencies are never added up."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Any

from scanforpay_django.books.fees import EXPECTED
from scanforpay_django.models import Posting, Store, WalletAccount
from scanforpay_django.models.posting import PostingQuerySet

#: the platforms' bills are of days in Beijing, whatever a store's time zone is
PLATFORM_ZONE = timezone(timedelta(hours=8), "UTC+8")
#: postings that are in memory at a time
CHUNK = 2000
Kind = Posting.Kind


@dataclass
class Sums:
    """Money in minor units, and how often it moved."""

    # all that arrived, with what paid no order
    gross: int = 0
    # of it: what paid no order
    unapplied: int = 0
    refunds: int = 0
    # as a bill says where there is one, else as expected; less what came back, and with the roundings of whole bills
    fees: int = 0
    payment_count: int = 0
    refund_count: int = 0
    # payments with a fee
    fee_count: int = 0
    # of them, those that no bill has confirmed
    expected_count: int = 0
    # whether any fee is known, be it one that came back for an earlier day
    has_fees: bool = False

    @property
    def net(self) -> int:
        """What is left at the platform."""
        return self.gross - self.refunds - self.fees

    @property
    def without_fee(self) -> int:
        """How many payments have no fee: no rate is agreed, it rounds to nothing, or a bill says so."""
        return self.payment_count - self.fee_count

    def add(self, kind: str, source: str, destination: str, amount: int, *, is_reversal: bool) -> None:
        """Count a posting, or take back one that it reverses. ``source`` and ``destination``: of the posting, or of the
        one reversed.
        """
        sign = -1 if is_reversal else 1
        if kind == Kind.COLLECTED:
            self.gross += sign * amount
            self.payment_count += sign
            if not source.startswith("orders:"):
                self.unapplied += sign * amount
        elif kind == Kind.REFUNDED:
            self.refunds += sign * amount
            self.refund_count += sign
        elif kind == Kind.FEE_CONFIRMED:
            # With a refund the expected account is the other end.
            self.expected_count -= sign if source.startswith(EXPECTED) else 0
        elif kind != Kind.REQUESTED:
            self._add_fee(kind, source, destination, sign * amount)

    def _add_fee(self, kind: str, source: str, destination: str, amount: int) -> None:
        self.has_fees = True
        self.fees += amount if source.startswith("platform:") else -amount
        if kind == Kind.FEE:
            sign = 1 if amount > 0 else -1
            self.fee_count += sign
            self.expected_count += sign if destination.startswith(EXPECTED) else 0

    def merge(self, other: "Sums") -> None:
        """Add those of another day."""
        for name, value in vars(other).items():
            setattr(
                self, name, getattr(self, name) | value if name == "has_fees" else getattr(self, name) + value
            )


@dataclass(frozen=True, kw_only=True)
class ReportRow:
    """One day of one store's account in one currency."""

    day: date
    store: Store
    account: WalletAccount
    currency: str
    sums: Sums


@dataclass(frozen=True, kw_only=True)
class Period:
    """From the first day to the last one, by the stores' own time zones or by the platforms' day."""

    first: date
    last: date
    is_platform_day: bool = False

    @classmethod
    def month(cls, year: int, month: int, *, is_platform_day: bool = False) -> "Period":
        """From the first to the last day of a calendar month."""
        following = date(year + month // 12, month % 12 + 1, 1)
        return cls(
            first=date(year, month, 1), last=following - timedelta(days=1), is_platform_day=is_platform_day
        )

    def zone(self, store: Store) -> tzinfo:
        """In which the days of a store are counted."""
        return PLATFORM_ZONE if self.is_platform_day else store.zone

    def narrow(self, store: Store) -> PostingQuerySet:
        """The store's postings of the period."""
        zone = self.zone(store)
        start, end = (
            datetime.combine(day, time(), zone).astimezone(UTC)
            for day in (self.first, self.last + timedelta(days=1))
        )
        return Posting.objects.filter(store=store, effective_at__gte=start, effective_at__lt=end)


def read_report(period: Period, store_no: str = "") -> Iterator[ReportRow]:
    """Rows by store, day, account and currency; those of one store are in memory at a time."""
    stores = Store.objects.order_by("store_no")
    for store in stores.filter(store_no=store_no) if store_no else stores:
        yield from _read_store(period, store)


def _read_store(period: Period, store: Store) -> Iterator[ReportRow]:
    zone = period.zone(store)
    found: dict[tuple[date, int, str], Sums] = {}
    columns = ("effective_at", "account", "currency", "kind", "source", "destination", "amount", "reverses")
    rows: Any = period.narrow(store).order_by().values_list(*columns).iterator(CHUNK)
    for at, account, currency, kind, source, destination, amount, reverses in rows:
        sums = found.setdefault((at.astimezone(zone).date(), account, currency), Sums())
        is_reversal = reverses is not None
        ends = (destination, source) if is_reversal else (source, destination)
        sums.add(kind, *ends, amount, is_reversal=is_reversal)
    accounts = WalletAccount.objects.in_bulk({account for _day, account, _currency in found})
    for day, account, currency in sorted(found):
        sums = found[day, account, currency]
        # A refund that was requested and has not arrived moves nothing at the platform.
        if sums != Sums():
            yield ReportRow(day=day, store=store, account=accounts[account], currency=currency, sums=sums)
