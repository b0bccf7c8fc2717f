"""The overview's lines of open differences, and of bills that do not come."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, CharField, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scanforpay_django.models import Difference
from scanforpay_django.operations.overview.todo import Trouble
from scanforpay_django.operations.reconciliation.words import MILD

#: the sorts in which the lines are: money, a bill that the platform deletes soon, one that is late or gone, the others
MONEY, ENDING, LATE, OTHERS = "money", "ending", "late", "others"
#: sort -> its place, colour and icon
_LOOKS = {
    ENDING: (0.3, "bad", "stop"),
    MONEY: (3.5, "bad", "stop"),
    LATE: (8.5, "wait", "warn"),
    OTHERS: (12.5, "wait", "warn"),
}
#: how the schedule begins the note of a bill that the platform deletes within ten days
_GONE_SOON = "gone from"


def sort_differences() -> Case:
    """The sort of each, as the database groups them."""
    late = Difference.Kind.BILL_LATE
    return Case(
        When(kind=late, ours__startswith=_GONE_SOON, then=Value(ENDING)),
        When(kind=late, then=Value(LATE)),
        When(kind__in=[*MILD], then=Value(OTHERS)),
        default=Value(MONEY),
        output_field=CharField(),
    )


def describe_differences(rows: Iterable[tuple[Any, ...]]) -> list[Trouble]:
    """A line for each sort. ``rows``: sort, currency, number, sum in minor units, when the first was found."""
    found: dict[str, list[Any]] = defaultdict(list)
    for sort, *rest in rows:
        found[sort].append(rest)
    return [_describe(sort, of_sort) for sort, of_sort in found.items()]


def _describe(sort: str, rows: list[Any]) -> Trouble:
    rank, look, icon = _LOOKS[sort]
    number = sum(int(count) for _currency, count, _sum, _at in rows)
    query = (
        {"day": "all"} if sort in (MONEY, OTHERS) else {"day": "all", "kind": str(Difference.Kind.BILL_LATE)}
    )
    return Trouble(
        rank=rank,
        look=look,
        icon=icon,
        title=_TITLES[sort](number) % {"number": number},
        number=number,
        amounts={currency: int(total) for currency, _count, total, _at in rows if currency and total},
        since=min(at for _currency, _count, _sum, at in rows),
        note=_("Upload the files, or have them fetched, before the platform deletes them")
        if sort == ENDING
        else "",
        view="scanforpay_difference_changelist",
        query=urlencode(query),
        action=_("Look at them"),
    )


def _say_money(number: int) -> str:
    return ngettext(
        "%(number)d payment or refund is not as the platform's bill says",
        "%(number)d payments or refunds are not as the platforms' bills say",
        number,
    )


def _say_ending(number: int) -> str:
    return ngettext(
        "%(number)d bill is missing, and gone for ever within ten days",
        "%(number)d bills are missing, and gone for ever within ten days",
        number,
    )


def _say_late(number: int) -> str:
    return ngettext("%(number)d bill is late", "%(number)d bills are late", number)


def _say_others(number: int) -> str:
    return ngettext(
        "%(number)d difference is about a fee, a file or a notification",
        "%(number)d differences are about fees, files or notifications",
        number,
    )


_TITLES: dict[str, Callable[[int], str]] = {
    MONEY: _say_money,
    ENDING: _say_ending,
    LATE: _say_late,
    OTHERS: _say_others,
}
