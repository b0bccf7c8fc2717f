"""What needs a person, sorted by how much it hurts, then by age; each with its one next step."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Min, Subquery, Sum
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scanforpay_django import clock
from scanforpay_django.models import Flag, Notification, RestoreMark, WorkerBeat
from scanforpay_django.operations.staff_scope import Scope

#: waiting notifications that are counted
MOST_WAITING = 1000
#: the worst first: money that is lost, money that no one knows of, money that waits; then what may be harmless
KINDS = (
    Flag.Kind.OVER_REFUNDED,
    Flag.Kind.REFUND_STUCK,
    Flag.Kind.REFUND_OVERDUE,
    Flag.Kind.REFUND_SUM,
    Flag.Kind.AMOUNT_MISMATCH,
    Flag.Kind.PAYMENT_INCOMPLETE,
    Flag.Kind.PAYMENT_OVERDUE,
    Flag.Kind.HANDLER_FAILED,
    Flag.Kind.REFUND_APPROVAL,
    Flag.Kind.LATE_PAYMENT,
    Flag.Kind.DUPLICATE_PAYMENT,
    Flag.Kind.MESSAGE_REFUSED,
    Flag.Kind.ODD_NOTIFICATION,
)
#: from here on a decision waits, and nothing gets worse
FIRST_MILD = KINDS.index(Flag.Kind.REFUND_APPROVAL)
#: the places of what is no flag
NO_WORKER, RECOVERY, GIVEN_UP, LATE_WORKER = -1.0, -0.5, 0.5, 7.6
_Amounts = dict[str, int]


@dataclass(kw_only=True)
class Trouble:
    """A line. ``view`` and ``args`` name the page of its step, below "admin:"; "" where none is ours."""

    rank: float
    title: str
    # how many rows it is about
    number: int = 1
    look: str = "bad"
    icon: str = "stop"
    # currency -> minor units
    amounts: _Amounts = field(default_factory=dict)
    since: datetime | None = None
    note: str = ""
    view: str = ""
    args: tuple[Any, ...] = ()
    query: str = ""
    action: str = ""
    # of the view, on the site that is shown
    url: str = ""


@dataclass(kw_only=True)
class Deliveries:
    """Notifications to shops that are not delivered."""

    waiting: int = 0
    # there are more than were counted
    has_more: bool = False
    oldest_due: datetime | None = None
    given_up: int = 0


def find_flags(scope: Scope, *, opens_orders: bool) -> list[Trouble]:
    """A line for each kind of open flag. One statement, by the index of open flags. ``opens_orders``: whether the
    reader may see an order's page.
    """
    found: dict[str, list[Any]] = defaultdict(list)
    rows = scope.narrow(Flag.objects.filter(cleared_at__isnull=True)).order_by()
    for row in rows.values("kind", "order__currency").annotate(
        number=Count("pk"), amount=Sum("order__amount"), since=Min("raised_at"), only=Min("order")
    ):
        found[row["kind"]].append(row)
    return [_describe_flags(kind, rows, opens_orders) for kind, rows in found.items()]


def _describe_flags(kind: str, rows: list[Any], opens_orders: bool) -> Trouble:
    number = sum(row["number"] for row in rows)
    place = KINDS.index(Flag.Kind(kind)) if kind in KINDS else len(KINDS)
    one = {"view": "scanforpay_order_change", "args": (rows[0]["only"],), "action": _("Open the order")}
    query = urlencode({"kind__exact": kind, "cleared_at__isempty": 1})
    several = {"view": "scanforpay_flag_changelist", "query": query, "action": _("Look at them")}
    step: dict[str, Any] = one if number == 1 and opens_orders else several
    return Trouble(
        rank=place,
        look="bad" if place < FIRST_MILD else "wait",
        icon="stop" if place < FIRST_MILD else "flag",
        title=ngettext("%(number)d order: %(what)s", "%(number)d orders: %(what)s", number)
        % {"number": number, "what": dict(Flag.Kind.choices).get(kind, kind)},
        number=number,
        amounts=_sum_up(rows),
        since=min(row["since"] for row in rows),
        **step,
    )


def _sum_up(rows: list[Any]) -> _Amounts:
    return {
        row["order__currency"]: int(row["amount"]) for row in sorted(rows, key=itemgetter("order__currency"))
    }


def find_given_up(scope: Scope) -> list[Trouble]:
    """One line, or none. One statement, by the index of what was given up."""
    dead = Notification.objects.filter(alarmed_at__isnull=False, state=Notification.State.EXHAUSTED)
    rows = list(
        scope.narrow(dead)
        .order_by()
        .values("order__currency")
        .annotate(number=Count("pk"), amount=Sum("order__amount"), since=Min("alarmed_at"))
    )
    number = sum(row["number"] for row in rows)
    if not number:
        return []
    text = ngettext(
        "%(number)d notification was given up: the shop does not know what was paid or refunded",
        "%(number)d notifications were given up: the shops do not know what was paid or refunded",
        number,
    )
    return [
        Trouble(
            rank=GIVEN_UP,
            title=text % {"number": number},
            number=number,
            amounts=_sum_up(rows),
            since=min(row["since"] for row in rows),
            view="scanforpay_notification_changelist",
            query=urlencode({"state__exact": Notification.State.EXHAUSTED}),
            action=_("Look at them"),
        )
    ]


def read_waiting(scope: Scope) -> Deliveries:
    """What waits, counted up to a thousand. One statement, by the indexes of the queue."""
    # the always true condition is the index's
    pending = Notification.objects.filter(state=Notification.State.PENDING, attempt_count__gte=0)
    if not scope.sees_all:
        pending = pending.filter(partner__in=scope.shown_partner_ids)
    moments = scope.narrow(pending).order_by("next_at").values_list("next_at", flat=True)
    found = list(moments[: MOST_WAITING + 1])
    oldest = found[0] if found and found[0] <= clock.now() else None
    return Deliveries(
        waiting=min(len(found), MOST_WAITING), has_more=len(found) > MOST_WAITING, oldest_due=oldest
    )


def find_workers(*, opens_health: bool) -> list[Trouble]:
    """A line for each host whose worker is late, or one where none is alive; and one while lost orders come back, which
    is a worker's work. One statement. ``opens_health``: whether the reader may see the page that says more.
    """
    restored_at = Subquery(RestoreMark.objects.unended().values("at")[:1])
    beats = list(WorkerBeat.objects.lately().annotate(restored_at=restored_at))
    troubles = _describe_recovery(beats) + _describe_workers(beats)
    if opens_health:
        for trouble in troubles:
            trouble.view, trouble.action = "scanforpay_health", _("Look at Health")
    return troubles


def _describe_recovery(beats: list[Any]) -> list[Trouble]:
    since = next((beat.restored_at for beat in beats), None)
    if since is None:
        return []
    title = _("The database was restored: orders may be missing until the platforms' bills are here")
    note = _("manage.py scanforpay_recover says what is not known yet.")
    return [Trouble(rank=RECOVERY, title=title, since=since, note=note)]


def _describe_workers(beats: list[Any]) -> list[Trouble]:
    alive = sorted({beat.host for beat in beats if not beat.is_late})
    if not alive:
        return [
            Trouble(
                rank=NO_WORKER,
                title=_("No worker is running: nothing is delivered, and no order expires"),
                since=max((beat.at for beat in beats), default=None),
                note=_("Start manage.py scanforpay_worker, or Celery with its beat."),
            )
        ]
    text = _("The worker on %(host)s was last seen %(time)s ago")
    note = _("Others are at work, so nothing is late: %(hosts)s")
    return [
        Trouble(
            rank=LATE_WORKER,
            title=text % {"host": beat.host, "time": timesince(beat.at, beat.now)},
            since=beat.at,
            note=note % {"hosts": ", ".join(alive)},
        )
        for beat in beats
        # Any of Celery's workers may take a sweep: one that took none lately is well.
        if beat.host not in alive and beat.kind == WorkerBeat.Kind.WORKER
    ]


def sort_troubles(troubles: list[Trouble]) -> list[Trouble]:
    """The worst first, the older one of two alike."""
    return sorted(troubles, key=lambda one: (one.rank, one.since.timestamp() if one.since else 0.0))
