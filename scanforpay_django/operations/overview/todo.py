"""What needs a person, sorted by how much it hurts, then by age; each with its one next step."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any
from urllib.parse import urlencode

from django.db.models import BigIntegerField, CharField, Count, Exists, F, Min, OuterRef, Q, Sum, Value
from django.db.models.functions import Cast, Concat
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scanforpay_django import clock
from scanforpay_django.models import Flag, HostClock, Notification, SignKey, WalletAccount, WorkerBeat
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
NO_WORKER, GIVEN_UP, WRONG_CLOCK, LATE_WORKER = -1.0, 0.5, 7.3, 7.6
ENDS_NOW, ENDS_SOON, ENDS_LATER = 0.2, 7.8, 20.0
#: certificates and keys are spoken of so long before they end
WARNED_DAYS = 30
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


def find_workers() -> list[Trouble]:
    """A line for each host whose worker is late, or one where none is alive. One statement."""
    beats = list(WorkerBeat.objects.lately())
    alive = sorted({beat.host for beat in beats if not beat.is_late})  # type: ignore[attr-defined]
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
            title=text % {"host": beat.host, "time": timesince(beat.at, beat.now)},  # type: ignore[attr-defined]
            since=beat.at,
            note=note % {"hosts": ", ".join(alive)},
        )
        for beat in beats
        # Any of Celery's workers may take a sweep: one that took none lately is well.
        if beat.host not in alive and beat.kind == WorkerBeat.Kind.WORKER
    ]


def find_what_ends(scope: Scope, may: Callable[..., bool]) -> list[Trouble]:
    """A line for each account whose certificates end within 30 days, for each partner whose last sign key does, and for
    each host whose clock is wrong. One statement, or none.
    """
    soon = clock.now() + timedelta(days=WARNED_DAYS)
    parts = []
    if may("view_walletaccount", "change_walletaccount"):
        accounts = WalletAccount.objects.filter(
            is_active=True, store__is_active=True, certificates_end_at__lte=soon
        )
        name = Concat("wallet", Value(" · "), "store__store_no", output_field=CharField())
        parts.append(_watch(scope.narrow(accounts), "account", name, F("pk"), "certificates_end_at"))
    if may("view_signkey", "change_signkey"):
        longer = SignKey.objects.filter(partner=OuterRef("partner"), valid_from__lte=clock.now()).filter(
            Q(valid_until__isnull=True) | Q(valid_until__gt=OuterRef("valid_until"))
        )
        keys = SignKey.objects.filter(
            ~Exists(longer), partner__is_active=True, valid_until__lte=soon, valid_until__gt=clock.now()
        )
        parts.append(_watch(scope.narrow(keys), "key", F("partner__name"), F("partner_id"), "valid_until"))
    # A merchant's staff have no hosts.
    if scope.sees_all:
        clocks = HostClock.objects.wrong_now()
        parts.append(_watch(clocks, "clock", F("host"), F("skew_seconds"), "at"))
    if not parts:
        return []
    # Django 6.1 gives a union the first model's default ordering.
    found = parts[0].union(*parts[1:], all=True).order_by() if len(parts) > 1 else parts[0]
    lines = {"account": _ending_account, "key": _ending_key, "clock": _wrong_clock}
    return [lines[kind](name, int(number), moment) for kind, name, number, moment in sorted(found)]


def _watch(rows: Any, kind: str, name: Any, number: Any, moment: str) -> Any:
    columns = {
        "watched": Value(kind, output_field=CharField()),
        "watched_name": Cast(name, CharField(max_length=200)),
        "watched_number": Cast(number, BigIntegerField()),
    }
    return rows.order_by().annotate(**columns).values_list(*columns, moment)


def _ending_account(name: str, pk: int, moment: datetime) -> Trouble:
    return Trouble(
        title=_("The certificates of %(account)s end: nothing is paid or refunded through it after that")
        % {"account": name},
        view="scanforpay_walletaccount_change",
        args=(pk,),
        action=_("Open the account"),
        **_how_soon(moment),
    )


def _ending_key(name: str, partner: int, moment: datetime) -> Trouble:
    return Trouble(
        title=_("The last sign key of %(partner)s ends: its calls are refused after that")
        % {"partner": name},
        view="scanforpay_signkey_changelist",
        query=urlencode({"partner__id__exact": partner}),
        action=_("Look at its keys"),
        **_how_soon(moment),
    )


def _how_soon(moment: datetime) -> dict[str, Any]:
    """Worse with 14 days left, and worst with 3."""
    left = moment - clock.now()
    days = max(left.days, 0)
    text = ngettext(
        "Until %(moment)s: %(days)d day is left", "Until %(moment)s: %(days)d days are left", days
    )
    note = text % {"days": days, "moment": f"{moment:%Y-%m-%d %H:%M} UTC"}
    if left <= timedelta(days=3):
        return {"rank": ENDS_NOW, "look": "bad", "icon": "key", "note": note}
    rank = ENDS_SOON if left <= timedelta(days=14) else ENDS_LATER
    return {"rank": rank, "look": "wait", "icon": "key", "note": note}


def _wrong_clock(host: str, skew: int, _moment: datetime) -> Trouble:
    ahead = _(
        "The clock of %(host)s is %(time)s ahead of the database's: it expires and closes no order. Set it."
    )
    behind = _(
        "The clock of %(host)s is %(time)s behind the database's: it expires and closes no order. Set it."
    )
    minutes, seconds = divmod(abs(skew), 60)
    words = {"host": host, "time": f"{minutes}:{seconds:02}"}
    return Trouble(rank=WRONG_CLOCK, title=(ahead if skew > 0 else behind) % words)


def sort_troubles(troubles: list[Trouble]) -> list[Trouble]:
    """The worst first, the older one of two alike."""
    return sorted(troubles, key=lambda one: (one.rank, one.since.timestamp() if one.since else 0.0))
