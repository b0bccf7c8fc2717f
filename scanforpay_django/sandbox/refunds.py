"""Giving money back, alike on all platforms: numbers, limits, and how it ends."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Sum

from scanforpay_django import clock

from . import coupons, faults
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
class RefundCall:
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


def start(trade: Trade, asked: RefundCall) -> tuple[Refund, bool]:
    """The refund under this number, and whether it was made now. Raises Refused."""
    with transaction.atomic():
        # other refunds of the same trade wait here
        Trade.objects.select_for_update().get(pk=trade.pk)
        known = trade.refunds.filter(number=asked.number).first()
        reason = _difference(known, asked) if known else _refusal(trade, asked)
        made = known if known or reason else _make(trade, asked)
    # outside: a fault that struck stays used up
    if reason or made is None:
        raise Refused(reason)
    return made, known is None


def _difference(known: Refund, asked: RefundCall) -> str:
    return "other-parameters" if known.request != asked.request else ""


def _make(trade: Trade, asked: RefundCall) -> Refund:
    return Refund.objects.create(
        trade=trade,
        number=asked.number,
        refund_id=f"5030{digits(25)}",
        amount=asked.amount,
        coupon=coupons.find_refund_part(trade, refunded(trade), asked.amount),
        notify_url=asked.notify_url,
        request=asked.request,
    )


def _refusal(trade: Trade, asked: RefundCall) -> str:
    """Why a new refund cannot be made, "" when it can."""
    if trade.state != Trade.State.PAID:
        return "not-paid"
    if _strikes("not-enough", trade):
        return "not-enough"
    if trade.refunds.count() >= MOST_REFUNDS:
        return "too-many"
    if refunded(trade) + asked.amount > trade.amount:
        return "too-much"
    latest = trade.refunds.order_by("-created_at").first()
    soon = latest is not None and clock.now() - latest.created_at < APART
    return "too-soon" if soon and _strikes("refund-too-soon", trade) else ""


def _strikes(name: str, trade: Trade) -> bool:
    return faults.take(name, merchant=trade.merchant, trade=trade, operation="refund") is not None


def final_state(refund: Refund) -> str:
    """How a refund that was just made will end: as well as it can, or as a fault says."""
    trade = refund.trade
    fault = faults.take(list(ENDS), merchant=trade.merchant, trade=trade, operation="refund")
    return ENDS[fault.name] if fault else Refund.State.SUCCESS


def finish(refund: Refund, state: str) -> bool:
    """End ``refund`` in ``state``; False when it has ended already."""
    unfinished = Refund.objects.filter(
        pk=refund.pk, state__in=[Refund.State.PROCESSING, Refund.State.ABNORMAL]
    )
    now = clock.now()
    moments = {"finished_at": now} | ({"abnormal_at": now} if state == Refund.State.ABNORMAL else {})
    done = unfinished.exclude(state=state).update(state=state, **moments)
    refund.refresh_from_db()
    return bool(done)


def find_state(refund: Refund, moment: datetime) -> str:
    """The state that ``refund`` had at a moment after it was made."""
    if refund.finished_at is not None and refund.finished_at < moment:
        return refund.state
    was_abnormal = refund.abnormal_at is not None and refund.abnormal_at < moment
    return Refund.State.ABNORMAL if was_abnormal else Refund.State.PROCESSING
