"""The last 30 days, by day, wallet and store; currencies are never added up."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet, Sum

from scanforpay_django import money
from scanforpay_django.models import DailyFigure
from scanforpay_django.operations.overview.cards import show_day
from scanforpay_django.wallets.registry import wallet_classes

DAYS = 30
#: stores that are shown; the others have lists
MOST_STORES = 10


def shown_wallet(name: str) -> Any:
    """What people call a wallet."""
    backend = wallet_classes().get(name)
    return (backend.staff_label or backend.label) if backend else name


@dataclass
class Day:
    """One day in one currency, in minor units."""

    day: date
    currency: str
    by_wallet: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    paid_count: int = 0
    # as far as they are known
    fees_by_wallet: dict[str, int] = field(default_factory=dict)
    refunded_by_wallet: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    expected_fees_by_wallet: dict[str, int] = field(default_factory=dict)

    @property
    def refunded(self) -> int:
        """Minor units, of all wallets together."""
        return sum(self.refunded_by_wallet.values())

    @property
    def paid(self) -> int:
        """Minor units, by all wallets together."""
        return sum(self.by_wallet.values())

    @property
    def label(self) -> str:
        """The weekday and the date."""
        return show_day(self.day)


@dataclass(frozen=True)
class Share:
    """A wallet's or a store's part of what was paid."""

    name: Any
    amount: int
    # of all, in per cent
    part: float
    # 0, 1 ...: the wallet's colour; None: a store
    place: int | None = None
    refunded: int = 0
    # None: no fee is known
    fee: int | None = None
    # how many fees no bill has confirmed
    expected_fees: int = 0

    @property
    def net(self) -> int:
        """What is left after refunds and fees."""
        return self.amount - self.refunded - (self.fee or 0)

    @property
    def width(self) -> str:
        """For SVG, with a point in every language."""
        return f"{self.part:.1f}"


@dataclass(frozen=True, kw_only=True)
class Month:
    """Thirty days in one currency."""

    currency: str
    # the newest is the last
    days: list[Day]
    # names, in the order of their colours
    wallets: list[str]
    stores: list[Share] = field(default_factory=list)

    @property
    def paid(self) -> int:
        """Minor units, of the whole month."""
        return sum(day.paid for day in self.days)

    @property
    def paid_count(self) -> int:
        """How many orders were paid."""
        return sum(day.paid_count for day in self.days)

    @property
    def refunded(self) -> int:
        """Minor units, of the whole month."""
        return sum(day.refunded for day in self.days)

    @property
    def by_wallet(self) -> list[Share]:
        """The wallets' parts, in the order of their colours."""
        sums = {name: sum(day.by_wallet.get(name, 0) for day in self.days) for name in self.wallets}
        return [
            Share(
                shown_wallet(name),
                amount,
                find_part(amount, self.paid),
                place,
                refunded=sum(day.refunded_by_wallet.get(name, 0) for day in self.days),
                fee=self._add_fees(name),
                expected_fees=sum(day.expected_fees_by_wallet.get(name, 0) for day in self.days),
            )
            for place, (name, amount) in enumerate(sums.items())
            if amount
        ]

    def _add_fees(self, wallet: str) -> int | None:
        fees = [day.fees_by_wallet[wallet] for day in self.days if wallet in day.fees_by_wallet]
        return sum(fees) if fees else None

    @property
    def table(self) -> list[dict[str, Any]]:
        """The chart's numbers, the newest first: digits without the currency."""
        return [
            {
                "label": day.label,
                "paid": digits(day.paid, self.currency),
                "count": f"{day.paid_count:,}",
                "wallets": [digits(day.by_wallet.get(name, 0), self.currency) for name in self.wallets],
                "refunded": digits(day.refunded, self.currency),
            }
            for day in reversed(self.days)
        ]

    @property
    def wallet_labels(self) -> list[Any]:
        """The columns of the table."""
        return [shown_wallet(name) for name in self.wallets]


def digits(amount: int, currency: str) -> str:
    """The amount without its currency, whatever that is."""
    try:
        return money.parts(amount, currency)[1]
    except ValueError:
        return str(amount)


def find_part(amount: int, whole: int) -> float:
    """In per cent; 0 of nothing."""
    return 100 * amount / whole if whole else 0.0


def read_month(figures: "QuerySet[DailyFigure]", today: date) -> list[Month]:
    """A month for each currency in which something was paid or refunded, the one with the most payments first. One
    statement; the stores come with another, ``read_stores``.
    """
    recent = figures.filter(day__gt=today - timedelta(days=DAYS), day__lte=today).order_by()
    rows = recent.values("day", "wallet", "currency").annotate(
        paid=Sum("paid_amount"),
        number=Sum("paid_count"),
        back=Sum("refunded_amount"),
        fees=Sum("fee_amount"),
        expected=Sum("expected_fee_count"),
    )
    days: dict[str, dict[date, Day]] = defaultdict(dict)
    for row in rows:
        if row["number"] or row["back"]:
            currency = row["currency"]
            day = days[currency].setdefault(row["day"], Day(row["day"], currency))
            day.by_wallet[row["wallet"]] += int(row["paid"])
            day.paid_count += int(row["number"])
            day.refunded_by_wallet[row["wallet"]] += int(row["back"])
            if row["fees"] is not None:
                day.fees_by_wallet[row["wallet"]] = int(row["fees"])
                day.expected_fees_by_wallet[row["wallet"]] = int(row["expected"])
    months = [_make_month(currency, found, today) for currency, found in days.items()]
    return sorted(months, key=lambda month: (-month.paid_count, month.currency))


def _make_month(currency: str, found: dict[date, Day], today: date) -> Month:
    first = today - timedelta(days=DAYS - 1)
    dates = [first + timedelta(days=number) for number in range(DAYS)]
    used = {name for day in found.values() for name, amount in day.by_wallet.items() if amount}
    known = list(wallet_classes())
    wallets = [name for name in known if name in used] + sorted(used - set(known))
    days = [found.get(day, Day(day, currency)) for day in dates]
    return Month(currency=currency, days=days, wallets=wallets)


def read_stores(figures: "QuerySet[DailyFigure]", month: Month) -> list[Share]:
    """The stores that were paid the most in the month's currency. One statement."""
    recent = figures.filter(day__gte=month.days[0].day, day__lte=month.days[-1].day, currency=month.currency)
    sums = (
        recent.order_by()
        .values("store__store_no", "store__name")
        .annotate(
            paid=Sum("paid_amount"),
            back=Sum("refunded_amount"),
            fees=Sum("fee_amount"),
            expected=Sum("expected_fee_count"),
        )
    )
    return [
        Share(
            row["store__name"] or row["store__store_no"],
            int(row["paid"]),
            find_part(int(row["paid"]), month.paid),
            refunded=int(row["back"]),
            fee=None if row["fees"] is None else int(row["fees"]),
            expected_fees=int(row["expected"]),
        )
        for row in sums.order_by("-paid", "store__store_no")[:MOST_STORES]
        if row["paid"]
    ]
