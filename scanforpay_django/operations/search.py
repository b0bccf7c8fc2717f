"""Find by any number, ours, the merchant's or a platform's: by indexes, however many rows there are."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Q, QuerySet

from scanforpay_django.models import Notification, Order, Payment, PlatformNotification, Refund
from scanforpay_django.operations.staff_scope import Scope

EVERYTHING = Scope(sees_all=True)

#: rows of one kind that one search finds at most
MOST = 100
#: orders whose titles and buyers are looked at
MOST_TEXTS = 10_000
#: the longest number is the id of a platform's notification
MAX_LENGTH = 128
#: fewer characters begin too many numbers
MIN_PREFIX_LENGTH = 6


@dataclass(frozen=True, kw_only=True)
class Found:
    """A row that has the number, and its order."""

    # Order, Payment, Refund, Notification or PlatformNotification
    model: type[models.Model]
    pk: int
    # None: the platform's notification is about a payment that is not known here
    order_id: int | None


#: model -> the path to its order, and the lookups that an index answers, each exact; a condition is the index's own
_NUMBERS: dict[type[models.Model], tuple[str, tuple[tuple[str, dict[str, Any]], ...]]] = {
    Order: ("pk", (("order_no", {}), ("partner_order_no", {}), ("token", {}), ("scan_token", {}))),
    Payment: ("order_id", (("out_trade_no", {}), ("trade_no", {"trade_no__gt": ""}))),
    Refund: ("order_id", (("out_refund_no", {}), ("refund_no", {}), ("refund_id", {"refund_id__gt": ""}))),
    Notification: ("order_id", (("message_id", {}),)),
    PlatformNotification: ("payment__order_id", (("event_id", {}),)),
}


def find_number(text: str, scope: Scope = EVERYTHING) -> list[Found]:
    """The rows of the scope that have this number, at most 500. Blanks around it do not count, upper and
    lower case do.

    Exact: our order number, the merchant's, and the codes in the addresses of pay pages; of payments out_trade_no and
    the platform's number; of refunds the merchant's number, out_refund_no and the platform's number; the ids of
    merchant notifications and of platforms' notifications. When nothing has it, orders whose merchant's number begins
    with it are found, from six characters on. At most two statements, and none for what can be no number.
    """
    number = text.strip()
    if not number or len(number) > MAX_LENGTH or not number.isprintable():
        return []
    return _find_exact(number, scope) or _find_by_prefix(number, scope)


def _find_exact(number: str, scope: Scope) -> list[Found]:
    """One statement with a part for each index: an OR might have the planner read the table."""
    parts = [
        part
        for place, (model, (path, lookups)) in enumerate(_NUMBERS.items())
        for part in _look_in(model, place, path, lookups, number, scope)
    ]
    # Each number is unique or all but, so that a limit for all is one for each kind.
    matching = parts[0].union(*parts[1:], all=True).order_by()[: MOST * len(_NUMBERS)]
    models_by_place = list(_NUMBERS)
    return [
        Found(model=models_by_place[place], pk=pk, order_id=order_id)
        for place, pk, order_id in dict.fromkeys(matching)
    ]


def _look_in(
    model: type[models.Model], place: int, path: str, lookups: Any, number: str, scope: Scope
) -> Iterable[Any]:
    rows: Any = scope.narrow(model._default_manager.order_by())  # noqa: SLF001
    searched = models.Value(place, output_field=models.IntegerField())
    for name, condition in lookups:
        yield (
            rows.filter(**{name: number}, **condition)
            .annotate(searched=searched)
            .values_list("searched", "pk", path)
        )


def _find_by_prefix(number: str, scope: Scope) -> list[Found]:
    if len(number) < MIN_PREFIX_LENGTH:
        return []
    orders = scope.narrow(Order.objects.filter(partner_order_no__begins_with=number)).order_by()
    return [Found(model=Order, pk=pk, order_id=pk) for pk in orders.values_list("pk", flat=True)[:MOST]]


def find_by_text(text: str, orders: "QuerySet[Order]") -> "QuerySet[Order]":
    """Those of the newest 10,000 of ``orders`` whose title contains the text, or that a buyer of this name, in part, or
    id, in full, tried to pay.
    """
    wanted = text.strip()
    if not wanted or not wanted.isprintable():
        return orders.none()
    keys = list(orders.order_by("-pk").values_list("pk", flat=True)[:MOST_TEXTS])
    # By keys: of a subquery PostgreSQL may think that reading all payments is cheaper.
    buyers = Payment.objects.filter(
        Q(buyer__icontains=wanted) | Q(payer_id=wanted[:MAX_LENGTH]), order__in=keys
    )
    bought = set(buyers.values_list("order_id", flat=True))
    titled = orders.filter(pk__gte=keys[-1]) if keys else orders.none()
    return titled.filter(Q(title__icontains=wanted) | Q(pk__in=bought))
