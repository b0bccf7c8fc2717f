"""The newest day that was compared: which part of its lines agrees, and what is left after fees."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import BigIntegerField, Q, Sum
from django.db.models.functions import Cast

from scanforpay_django.models import BillDay, Posting, WalletAccount
from scanforpay_django.models.bill_day import count_lines
from scanforpay_django.operations.reconciliation.open_sums import OpenDifferences
from scanforpay_django.operations.staff_scope import Scope
from scanforpay_django.wallets.bills.amounts import CHINA

Kind = Posting.Kind
_FEES = (Kind.FEE, Kind.FEE_RETURNED, Kind.ROUNDING)


@dataclass(frozen=True, kw_only=True)
class CurrencyFigures:
    """One day in one currency, in minor units, by the ledger."""

    currency: str
    collected: int
    fees: int
    # collected less refunds and fees
    net: int

    @property
    def fee_percent(self) -> str:
        """Of what was collected, "" without it."""
        if self.collected <= 0 or self.fees < 0:
            return ""
        whole, part = divmod((20_000 * self.fees // self.collected + 1) // 2, 100)
        return f"{whole}.{part:02}"


@dataclass(frozen=True, kw_only=True)
class DayFigures:
    """The newest compared day."""

    day: date
    # lines of the bills, without those of other systems
    lines: int
    # of them, those that no open difference is about; a fee's difference counts as one line
    agreeing: int
    currencies: list[CurrencyFigures]

    @property
    def percent(self) -> str:
        """With two digits, rounded down, so that "100" says that all agree; "" for a day without lines."""
        if not self.lines:
            return ""
        whole, part = divmod(10_000 * self.agreeing // self.lines, 100)
        return str(whole) if self.agreeing == self.lines else f"{whole}.{part:02}"


def read_day_figures(scope: Scope, rows: Iterable[BillDay], found: OpenDifferences) -> DayFigures | None:
    """Of the newest of ``rows`` that was compared; None where none was. Two statements, by the
    ledger's indexes.
    """
    compared = [row for row in rows if row.state in (BillDay.State.COMPARED, BillDay.State.BROKEN)]
    if not compared:
        return None
    day = max(row.day for row in compared)
    of_day = [row for row in compared if row.day == day]
    lines = sum(_count_own_lines(row) for row in of_day)
    different = sum(found.by_bill[row.pk].lines for row in of_day if row.pk in found.by_bill)
    return DayFigures(
        day=day, lines=lines, agreeing=max(lines - different, 0), currencies=_read_currencies(scope, day)
    )


def _count_own_lines(row: BillDay) -> int:
    all_lines = row.bill.line_count if row.bill else count_lines(row.totals)
    return max(all_lines - count_lines(row.foreign_totals), 0)


def _read_currencies(scope: Scope, day: date) -> list[CurrencyFigures]:
    begin = datetime.combine(day, time(), CHINA)
    # By their keys: PostgreSQL reads the whole table for a subquery.
    accounts = list(scope.narrow(WalletAccount.objects.order_by()).values_list("pk", flat=True))
    rows: Any = Posting.objects.filter(
        account__in=accounts, effective_at__gte=begin, effective_at__lt=begin + timedelta(days=1)
    )
    at_platform = {
        name: Cast(Sum("amount", filter=Q(**{f"{name}__startswith": "platform:"})), BigIntegerField())
        for name in ("source", "destination")
    }
    moved: Counter[tuple[str, str]] = Counter()
    grouped = (
        rows.order_by()
        .values_list("currency", "kind")
        .annotate(taken=at_platform["source"], brought=at_platform["destination"])
    )
    for currency, kind, taken, brought in grouped:
        moved[currency, kind] += (brought or 0) - (taken or 0)
    return [_sum_up(currency, moved) for currency in sorted({currency for currency, _kind in moved})]


def _sum_up(currency: str, moved: Counter[tuple[str, str]]) -> CurrencyFigures:
    own = {kind: amount for (of, kind), amount in moved.items() if of == currency}
    return CurrencyFigures(
        currency=currency,
        collected=own.get(Kind.COLLECTED, 0),
        fees=-sum(own.get(kind, 0) for kind in _FEES),
        net=sum(own.values()),
    )
