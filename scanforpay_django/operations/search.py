"""Find by any number, ours, the merchant's or a platform's: by indexes, however many rows there are."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models

from scanforpay_django.models import Notification, Order, Payment, PlatformNotification, Refund

#: rows of one kind that one search finds at most
MOST = 100
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


def find_number(text: str) -> list[Found]:
    """The rows that have this number, at most 100 of a kind. Blanks around it do not count, upper and lower case do.

    Exact: our order number, the merchant's, and the codes in the addresses of pay pages; of payments out_trade_no and
    the platform's number; of refunds the merchant's number, out_refund_no and the platform's number; the ids of
    merchant notifications and of platforms' notifications. When nothing has it, orders whose merchant's number begins
    with it are found, from six characters on. At most six statements, and none for what can be no number.
    """
    number = text.strip()
    if not number or len(number) > MAX_LENGTH or not number.isprintable():
        return []
    found = [row for model in _NUMBERS for row in _find_exact(model, number)]
    return found or _find_by_prefix(number)


def _find_exact(model: type[models.Model], number: str) -> Iterable[Found]:
    """One statement with a part for each index: an OR might have the planner read the table."""
    path, lookups = _NUMBERS[model]
    rows: Any = model._default_manager.order_by()  # noqa: SLF001
    parts = [
        rows.filter(**{name: number}, **condition).values_list("pk", path) for name, condition in lookups
    ]
    matching = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    return [Found(model=model, pk=pk, order_id=order_id) for pk, order_id in dict.fromkeys(matching[:MOST])]


def _find_by_prefix(number: str) -> list[Found]:
    if len(number) < MIN_PREFIX_LENGTH:
        return []
    orders = Order.objects.filter(partner_order_no__begins_with=number).order_by()
    return [Found(model=Order, pk=pk, order_id=pk) for pk in orders.values_list("pk", flat=True)[:MOST]]
