"""Clear a flag: by a person with a reason, or because its cause is over."""

from typing import Any

from scanforpay_django import clock
from scanforpay_django.models import Cause, Flag, Order
from scanforpay_django.models.database import atomic
from scanforpay_django.models.locks import lock_order


def clear_flag(flag: Flag, cause: Cause, *, user: Any, reason: str) -> bool:
    """Clear it in the user's name. False: somebody else was first, whose name and reason stay."""
    with atomic():
        order = lock_order(flag.order_id)
        is_still_open = Flag.objects.filter(pk=flag.pk, cleared_at=None)
        # The user's key alone: staff may be in another database.
        if not is_still_open.update(cleared_at=clock.now(), cleared_by_id=user.pk, reason=reason):
            return False
        _record(order, flag, cause, reason)
    return True


def clear_flags(order: Order, kind: str, *, reason: str, cause: Cause) -> None:
    """Clear the order's open flag of a kind, as a part of what ended its cause. Call under the order's lock."""
    for flag in order.flags.filter(kind=kind, cleared_at=None):
        Flag.objects.filter(pk=flag.pk, cleared_at=None).update(cleared_at=clock.now(), reason=reason)
        _record(order, flag, cause, reason)


def _record(order: Order, flag: Flag, cause: Cause, reason: str) -> None:
    order.record_event(cause, {"act": "clear_flag", "flag": flag.kind, "flag_id": flag.pk, "reason": reason})
