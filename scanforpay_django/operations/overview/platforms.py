"""How the platforms have answered in the last hour."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from scanforpay_django import clock
from scanforpay_django.models import PlatformMinute
from scanforpay_django.operations.figures.durations import add_up, find_quantile
from scanforpay_django.operations.overview.cards import show_number
from scanforpay_django.operations.overview.month import shown_wallet

LOOKED_BACK = timedelta(hours=1)
#: from here on a platform is said to be slow, or to fail: customers notice by then. These are ours, not the platforms'.
SLOW_SECONDS, FAILING_PART, FEWEST_ERRORS = 2.0, 0.05, 3


@dataclass(kw_only=True)
class Platform:
    """One host of one wallet."""

    name: str
    host: str
    calls: int = 0
    errors: int = 0
    last_error: str = ""
    last_error_at: datetime | None = None
    durations: Counter[int] = field(default_factory=Counter)

    @property
    def median(self) -> float | None:
        """Seconds within which half of the calls ended."""
        return find_quantile(self.durations, 0.5)

    @property
    def most(self) -> float | None:
        """Seconds within which 95 % of the calls ended."""
        return find_quantile(self.durations, 0.95)

    @property
    def error_part(self) -> float:
        """Per cent of the calls."""
        return 100 * self.errors / max(self.calls, 1)

    @property
    def is_failing(self) -> bool:
        """A few errors among few calls are chance, and few among many are every day's."""
        return self.errors >= FEWEST_ERRORS and self.errors >= FAILING_PART * self.calls

    @property
    def is_slow(self) -> bool:
        """A customer waits long for some of the answers."""
        return (self.most or 0) > SLOW_SECONDS

    @property
    def times(self) -> str:
        """The median and the 95 % as a reader writes them."""
        if self.median is None or self.most is None:
            return "–"
        return f"{show_milliseconds(self.median)} / {show_milliseconds(self.most)}"

    @property
    def part_text(self) -> str:
        """The errors' part, with one decimal."""
        return f"{show_number(self.error_part)} %"

    @property
    def counts_text(self) -> str:
        """How many of how many."""
        return _("%(errors)s of %(calls)s") % {"errors": f"{self.errors:,}", "calls": f"{self.calls:,}"}

    def add(self, row: PlatformMinute) -> None:
        self.calls += row.calls
        self.errors += row.errors
        self.durations += add_up([row.durations])
        if row.last_error_at and (self.last_error_at is None or row.last_error_at > self.last_error_at):
            self.last_error, self.last_error_at = row.last_error, row.last_error_at


def show_milliseconds(seconds: float) -> str:
    """Whole milliseconds, with the unit in the reader's language."""
    return _("%(number)s ms") % {"number": f"{1000 * seconds:,.0f}"}


def read_platforms() -> Sequence[Platform]:
    """Those that were called in the last hour, the busiest first. One statement."""
    found: dict[tuple[str, str], Platform] = {}
    for row in PlatformMinute.objects.filter(minute__gte=clock.now() - LOOKED_BACK):
        platform = Platform(name=str(shown_wallet(row.wallet)), host=row.host)
        found.setdefault((row.wallet, row.host), platform).add(row)
    return sorted(found.values(), key=lambda one: (-one.calls, one.name, one.host))
