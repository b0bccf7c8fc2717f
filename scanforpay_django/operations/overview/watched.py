"""What needs a person and is no flag: what ends soon, hosts whose clocks are wrong; in one statement together."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import BigIntegerField, CharField, Exists, F, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scanforpay_django import clock
from scanforpay_django.models import HostClock, SignKey, WalletAccount
from scanforpay_django.operations.overview.todo import Trouble
from scanforpay_django.operations.staff_scope import Scope

#: the places of what is no flag
WRONG_CLOCK, ENDS_NOW, ENDS_SOON, ENDS_LATER = 7.3, 0.2, 7.8, 20.0
#: certificates and keys are spoken of so long before they end
WARNED_DAYS = 30


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
