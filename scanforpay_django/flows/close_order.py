"""Close an order, or let it expire: query the platform, close there, query again. A payment wins."""

from functools import partial

from scanforpay_django import handlers, signals
from scanforpay_django.exceptions import InvalidOrderState
from scanforpay_django.flows.apply_payment import ApplyOutcome
from scanforpay_django.flows.call_handlers import enqueue_handler_calls
from scanforpay_django.flows.close_payment import close_payment
from scanforpay_django.flows.find_lost_payments import find_lost_payments
from scanforpay_django.models import Cause, Order
from scanforpay_django.models.database import atomic, on_commit
from scanforpay_django.models.locks import lock_order

MAX_CLOSE_ROUNDS = 3


class NotClosable(InvalidOrderState):
    """The customer has not got to the platform, or it closes trades by time alone: there is nothing to call."""


def close_order(order: Order, cause: Cause, *, to: str = Order.State.CLOSED) -> Order:
    """The order as it stands afterwards: closed (or expired), or whatever it had become before.

    Raises InvalidOrderState when an attempt cannot be confirmed closed now, NotClosable when that is because
    there is nothing to close, PlatformError when the platform does not answer: the order then stays ``pending`` and is
    asked about again.
    """
    find_lost_payments(order)
    for _round in range(MAX_CLOSE_ROUNDS):
        _close_payments(order)
        with atomic():
            locked = lock_order(order.pk)
            if locked.state != Order.State.PENDING:
                return locked
            if not locked.payments.unfinished().exists():
                locked.move(to, cause)
                enqueue_handler_calls(locked, handlers.ON_CLOSED)
                on_commit(partial(signals.order_closed.send_robust, Order, order=locked), robust=True)
                return locked
    raise InvalidOrderState("new attempts keep coming")


def _close_payments(order: Order) -> None:
    unfinished = order.payments.unfinished().select_related("account")
    outcomes = {close_payment(payment) for payment in unfinished}
    if ApplyOutcome.UNCHANGED in outcomes:
        raise InvalidOrderState("an attempt at the platform is not closed yet")
    if ApplyOutcome.NOT_CLOSABLE in outcomes:
        raise NotClosable("an attempt ends at the platform by itself")
