"""Giving money back, alike on all platforms: numbers, limits, and how it ends."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from . import faults
from .keys import digits
from .models import Refund, Trade

MOST_REFUNDS = 50
APART = timedelta(minutes=1)
ENDS = {
    "refund-pending": Refund.State.PROCESSING,
    "refund-abnormal": Refund.State.ABNORMAL,
    "refund-failed": Refund.State.CLOSED,
}


class Refused(Exception):
    """No refund is made; ``reason`` is one word for the platform to put into its own."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A refund as it is asked for."""

    # the merchant's number of it
    number: str
    # minor units
    amount: int
    # the request as it came
    request: dict[str, Any]
    notify_url: str = ""


def refunded(trade: Trade) -> int:
    """What has gone back or is on its way, in minor units."""
    alive = trade.refunds.exclude(state=Refund.State.CLOSED)
    return int(alive.aggregate(sum=Sum("amount"))["sum"] or 0)


def start(trade: Trade, wish: Wish) -> tuple[Refund, bool]:
    """The refund under this number, and whether it was made now. Raises Refused."""
    with transaction.atomic():
        # whoever refunds the same trade waits here
        Trade.objects.select_for_update().get(pk=trade.pk)
        known = trade.refunds.filter(number=wish.number).first()
        if known is not None:
            if known.request != wish.request:
                raise Refused("other-parameters")
            return known, False
        _check(trade, wish)
        made = Refund.objects.create(
            trade=trade,
            number=wish.number,
            refund_id=f"5030{digits(25)}",
            amount=wish.amount,
            notify_url=wish.notify_url,
            request=wish.request,
        )
    return made, True


def _check(trade: Trade, wish: Wish) -> None:
    if trade.state != Trade.State.PAID:
        raise Refused("not-paid")
    if faults.take("not-enough", merchant=trade.merchant, trade=trade, operation="refund"):
        raise Refused("not-enough")
    if trade.refunds.count() >= MOST_REFUNDS:
        raise Refused("too-many")
    if refunded(trade) + wish.amount > trade.amount:
        raise Refused("too-much")
    latest = trade.refunds.order_by("-created_at").first()
    soon = latest is not None and timezone.now() - latest.created_at < APART
    if soon and faults.take("refund-too-soon", merchant=trade.merchant, trade=trade, operation="refund"):
        raise Refused("too-soon")


def end_of(refund: Refund) -> str:
    """How a refund that was just made will end: as well as it can, or as a fault says."""
    trade = refund.trade
    fault = faults.take(list(ENDS), merchant=trade.merchant, trade=trade, operation="refund")
    return ENDS[fault.name] if fault else Refund.State.SUCCESS


def finish(refund: Refund, state: str) -> bool:
    """End ``refund`` in ``state``; False when it has ended already."""
    unfinished = Refund.objects.filter(
        pk=refund.pk, state__in=[Refund.State.PROCESSING, Refund.State.ABNORMAL]
    )
    done = unfinished.exclude(state=state).update(state=state, finished_at=timezone.now())
    refund.refresh_from_db()
    return bool(done)
