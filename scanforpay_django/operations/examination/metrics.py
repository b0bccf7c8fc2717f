"""What monitoring asks for, read from the database when it asks: every process gives the same figures.

Nothing is counted in a process, so web servers and workers may be as many as wanted. Figures of merchants are not
labels: there may be thousands.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import Count, Sum

from scanforpay_django import clock
from scanforpay_django.models import (
    BillDay,
    ChainWriter,
    DailyFigure,
    Difference,
    Endpoint,
    Flag,
    Notification,
    PlatformMinute,
    Refund,
    WorkerBeat,
)
from scanforpay_django.models.moments import database_now
from scanforpay_django.operations.figures.durations import add_up, find_quantile

#: notifications that are counted by reason
MAX_COUNTED = 10_000
#: calls to platforms are those of the last minutes
PLATFORM_SPAN = timedelta(minutes=5)
_Labels = tuple[str, ...]


@dataclass(kw_only=True)
class Metric:
    """One figure with its labels."""

    name: str
    help: str
    labels: _Labels = ()
    # values of the labels -> the figure
    samples: list[tuple[_Labels, float]] = field(default_factory=list)


def read_metrics() -> list[Metric]:
    """All of them: about a dozen statements, each by an index."""
    return [
        *_read_orders(),
        *_read_queue(),
        *_read_deliveries(),
        *_read_platforms(),
        *_read_open(),
        *_read_workers(),
        *_read_chain(),
    ]


def _read_orders() -> Iterator[Metric]:
    today = clock.now().date()
    rows = DailyFigure.objects.filter(day__gte=today - timedelta(days=1)).order_by()
    created = Metric(
        name="orders", help="Orders of a day of the stores' calendars.", labels=("day", "state", "wallet")
    )
    sums = rows.values("day", "wallet").annotate(made=Sum("created_count"), paid=Sum("paid_count"))
    for row in sums.order_by("day", "wallet"):
        created.samples += [
            ((f"{row['day']}", "created", row["wallet"]), row["made"] or 0),
            ((f"{row['day']}", "paid", row["wallet"]), row["paid"] or 0),
        ]
    yield created


def _read_queue() -> Iterator[Metric]:
    # the always true condition is the index's
    pending = Notification.objects.filter(state=Notification.State.PENDING, attempt_count__gte=0)
    due = pending.filter(next_at__lte=database_now()).order_by("next_at")
    rows = list(due.annotate(now=database_now()).values_list("next_at", "now", "last_reason")[:MAX_COUNTED])
    age = (rows[0][1] - rows[0][0]).total_seconds() if rows else 0.0
    yield Metric(
        name="notifications_oldest_due_seconds",
        help="How long the oldest due notification has waited.",
        samples=[((), max(age, 0.0))],
    )
    reasons = Counter(_shorten(reason) for _at, _now, reason in rows)
    yield Metric(
        name="notifications_due",
        help=f"Notifications that are due, by why the last attempt failed; at most {MAX_COUNTED}.",
        labels=("reason",),
        samples=[((reason,), count) for reason, count in sorted(reasons.items())] or [(("",), 0)],
    )


def _shorten(reason: str) -> str:
    """A few words: addresses and numbers would make a label of each."""
    return " ".join(word for word in reason.split()[:4] if "/" not in word and ":" not in word)[:60]


def _read_deliveries() -> Iterator[Metric]:
    sums = Endpoint.objects.order_by().aggregate(delivered=Sum("delivered_count"), failed=Sum("failed_count"))
    yield Metric(
        name="deliveries_total",
        help="Attempts at merchants since the first.",
        labels=("result",),
        samples=[((name,), sums[name] or 0) for name in ("delivered", "failed")],
    )
    given_up = Notification.objects.filter(state=Notification.State.EXHAUSTED, alarmed_at__isnull=False)
    count = len(given_up.order_by().values_list("pk")[:MAX_COUNTED])
    yield Metric(
        name="notifications_given_up", help="Notifications that were given up.", samples=[((), count)]
    )


def _read_platforms() -> Iterator[Metric]:
    rows = list(PlatformMinute.objects.filter(minute__gte=clock.now() - PLATFORM_SPAN).order_by())
    names = sorted({(row.wallet, row.host) for row in rows})
    calls, errors, latency = (
        Metric(name="platform_calls", help="Calls in the last five minutes.", labels=("wallet", "host")),
        Metric(name="platform_errors", help="Of them, failures of the platform.", labels=("wallet", "host")),
        Metric(
            name="platform_seconds",
            help="Seconds within which a part of the calls ended.",
            labels=("wallet", "host", "quantile"),
        ),
    )
    for name in names:
        own = [row for row in rows if (row.wallet, row.host) == name]
        calls.samples.append((name, sum(row.calls for row in own)))
        errors.samples.append((name, sum(row.errors for row in own)))
        durations = add_up(row.durations for row in own)
        for part in (0.5, 0.95):
            latency.samples.append(((*name, str(part)), find_quantile(durations, part) or 0.0))
    yield from (calls, errors, latency)


def _read_open() -> Iterator[Metric]:
    unfinished = Refund.objects.unfinished().filter(finished_at=None).order_by()
    yield Metric(
        name="refunds_unfinished",
        help="Refunds that have not ended.",
        labels=("state",),
        samples=_group(unfinished.values("state").annotate(n=Count("pk")), "state", Refund.UNFINISHED),
    )
    flags = Flag.objects.filter(cleared_at__isnull=True).order_by()
    yield Metric(
        name="flags_open",
        help="Orders that need a person.",
        labels=("kind",),
        samples=_group(flags.values("kind").annotate(n=Count("pk")), "kind", Flag.Kind.values),
    )
    differences = Difference.objects.open().exclude(kind__in=Difference.NOTES).order_by()
    yield Metric(
        name="differences_open",
        help="Differences from the platforms' bills.",
        labels=("kind",),
        samples=_group(differences.values("kind").annotate(n=Count("pk")), "kind", Difference.Kind.values),
    )
    late = BillDay.objects.filter(state=BillDay.State.LATE, next_at__isnull=False).count()
    yield Metric(name="bills_late", help="Bills that did not come.", samples=[((), late)])


def _group(rows: Iterable[Any], name: str, values: Iterable[object]) -> list[tuple[_Labels, float]]:
    found = {str(row[name]): int(str(row["n"])) for row in rows}
    return [((str(value),), found.get(str(value), 0)) for value in values]


def _read_workers() -> Iterator[Metric]:
    beats = WorkerBeat.objects.lately()
    yield Metric(
        name="worker_seen_seconds",
        help="How long ago a worker was last seen.",
        labels=("host", "kind"),
        samples=[((beat.host, beat.kind), (beat.now - beat.at).total_seconds()) for beat in beats],  # type: ignore[attr-defined]
    )


def _read_chain() -> Iterator[Metric]:
    rows = ChainWriter.objects.filter(at__isnull=False).annotate(now=database_now())
    yield Metric(
        name="chain_seconds",
        help="How long ago all new rows had been linked into the chain; none before the first time.",
        samples=[((), max((now - at).total_seconds(), 0.0)) for at, now in rows.values_list("at", "now")],
    )
