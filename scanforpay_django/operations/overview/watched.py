"""What needs a person and is no flag: what ends soon, wrong clocks, differences; in one statement together."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import BigIntegerField, CharField, Count, Exists, F, Min, OuterRef, Q, Sum, Value
from django.db.models.functions import Abs, Cast, Coalesce, Concat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scanforpay_django import clock
from scanforpay_django.models import Difference, HostClock, SignKey, WalletAccount
from scanforpay_django.operations.overview.differences import describe_differences, sort_differences
from scanforpay_django.operations.overview.todo import Trouble
from scanforpay_django.operations.staff_scope import Scope

#: the places of what is no flag
WRONG_CLOCK, ENDS_NOW, ENDS_SOON, ENDS_LATER = 7.3, 0.2, 7.8, 20.0
#: certificates and keys are spoken of so long before they end
WARNED_DAYS = 30


def find_watched(scope: Scope, may: Callable[..., bool]) -> list[Trouble]:
    """A line for each account whose certificates end within 30 days, each partner whose last sign key does, each host
    whose clock is wrong, and each sort of open differences from bills. One statement, or none.
    """
    parts = [*_watch_ends(scope, may)]
    if may("view_difference", "change_difference"):
        parts.append(_watch_differences(scope))
    if not parts:
        return []
    # Django 6.1 gives a union the first model's default ordering.
    found = parts[0].union(*parts[1:], all=True).order_by() if len(parts) > 1 else parts[0]
    lines = {"account": _ending_account, "key": _ending_key, "clock": _wrong_clock}
    rows = sorted(found, key=lambda row: row[:4])
    ending = [lines[kind](name, int(number), at) for kind, name, number, _sum, at in rows if kind in lines]
    return ending + describe_differences([row for row in rows if row[0] not in lines])


def _watch_ends(scope: Scope, may: Callable[..., bool]) -> Iterator[Any]:
    soon = clock.now() + timedelta(days=WARNED_DAYS)
    if may("view_walletaccount", "change_walletaccount"):
        accounts = WalletAccount.objects.filter(
            is_active=True, store__is_active=True, certificates_end_at__lte=soon
        )
        name = Concat("wallet", Value(" · "), "store__store_no", output_field=CharField())
        yield _watch(scope.narrow(accounts), "account", name, F("pk"), "certificates_end_at")
    if may("view_signkey", "change_signkey"):
        longer = SignKey.objects.filter(partner=OuterRef("partner"), valid_from__lte=clock.now()).filter(
            Q(valid_until__isnull=True) | Q(valid_until__gt=OuterRef("valid_until"))
        )
        keys = SignKey.objects.filter(
            ~Exists(longer), partner__is_active=True, valid_until__lte=soon, valid_until__gt=clock.now()
        )
        yield _watch(scope.narrow(keys), "key", F("partner__name"), F("partner_id"), "valid_until")
    # A merchant's staff have no hosts.
    if scope.sees_all:
        yield _watch(HostClock.objects.wrong_now(), "clock", F("host"), F("skew_seconds"), "at")


def _watch(rows: Any, kind: str, name: Any, number: Any, moment: str) -> Any:
    columns = {
        "watched": Value(kind, output_field=CharField()),
        "watched_name": Cast(name, CharField(max_length=200)),
        "watched_number": Cast(number, BigIntegerField()),
        "watched_sum": Cast(Value(0), BigIntegerField()),
        "watched_at": F(moment),
    }
    return rows.order_by().annotate(**columns).values_list(*columns)


def _watch_differences(scope: Scope) -> Any:
    """By the index of open ones; of each sort and currency a row."""
    rows = scope.narrow(Difference.objects.open().exclude(kind__in=Difference.NOTES)).order_by()
    grouped = rows.annotate(
        watched=sort_differences(), watched_name=Cast("currency", CharField(max_length=200))
    ).values("watched", "watched_name")
    counted = grouped.annotate(
        watched_number=Cast(Count("pk"), BigIntegerField()),
        watched_sum=Cast(
            Coalesce(Sum(Abs("amount")), Value(0), output_field=BigIntegerField()), BigIntegerField()
        ),
        watched_at=Min("found_at"),
    )
    return counted.values_list("watched", "watched_name", "watched_number", "watched_sum", "watched_at")


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
