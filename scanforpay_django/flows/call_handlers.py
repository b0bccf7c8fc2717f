"""Tell the project's handlers of an order: each call is a row, run once whatever dies.

A handler runs in one transaction with the mark that its call is done. What dies before the commit has done nothing,
and is called again; what has lost its lease meanwhile cannot commit. HTTP is a handler's own affair: ``atomic=False``
has it called outside of the transaction, and then it may be called twice.
"""

import logging
import secrets
import time
import traceback
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

from django.db import close_old_connections, connections
from django.db.models import F, Q

from scanforpay_django import clock, handlers
from scanforpay_django.flows.mask_secrets import mask_secrets
from scanforpay_django.flows.raise_flag import raise_flag_once
from scanforpay_django.merchant_notify.retry import RetrySchedule
from scanforpay_django.merchant_notify.waking import wake_handlers
from scanforpay_django.models import Flag, HandlerCall, Order
from scanforpay_django.models.cause import BY_SWEEP
from scanforpay_django.models.database import atomic, connection, on_commit
from scanforpay_django.models.handler_call import HandlerCallQuerySet
from scanforpay_django.models.missing_rows import create_missing
from scanforpay_django.models.moments import database_now
from scanforpay_django.models.row_statements import Beside
from scanforpay_django.models.settling_queries import handler_calls_beside
from scanforpay_django.spans import begin_span
from scanforpay_django.wallets.platform_text import storable

logger = logging.getLogger(__name__)

THREADS = 4
LEASE = timedelta(minutes=10)
WAIT_SECONDS = 60
#: a handler that takes longer keeps others waiting
SLOW_SECONDS = 1
MAX_ERROR_LENGTH = 4000


class LeaseLost(Exception):
    """Another process has taken the call over: what this one did is rolled back."""


def enqueue_handler_calls(order: Order, event: str, subject: str = "") -> None:
    """Write a row for each handler of ``event``. Call in the transaction of what happened."""
    names = handlers.get_names(event)
    if names:
        rows = [HandlerCall(order=order, event=event, subject=subject, handler=name) for name in names]
        create_missing(HandlerCall.objects.all(), rows, unique=["order", "event", "subject", "handler"])
        on_commit(wake_handlers, robust=True)


def prepare_handler_calls(order: Order, event: str) -> Beside | None:
    """The same for the statement that writes the merchant's notification to take along. None where there is nothing to
    take along, or the database cannot: then ``enqueue_handler_calls`` has it to do.
    """
    names = handlers.get_names(event)
    if not names or not order.notify_url:
        return None
    calls = handler_calls_beside(order.pk, event, names)
    if calls is not None:
        on_commit(wake_handlers, robust=True)
    return calls


def call_handlers(*, limit: int = 100) -> bool:
    """Run the calls that are due, a few at a time; whether there may be more. Call it outside a transaction."""
    due = list(HandlerCall.objects.due().order_by("next_at").values_list("pk", flat=True)[:limit])
    if connection().in_atomic_block:
        # A test's own transaction is seen by this thread only.
        for pk in due:
            call_handler(pk)
    elif due:
        _call_in_threads(due)
    return len(due) >= limit


def _call_in_threads(due: list[int]) -> None:
    """A few at a time. One that hangs keeps its thread, and no other call waits for it: those that have not begun are
    due still, and it is called again, or given up, when its lease is over.
    """
    pool = ThreadPoolExecutor(min(THREADS, len(due)), thread_name_prefix="scanforpay-handler")
    calls = [pool.submit(_call_in_thread, pk) for pk in due]
    ended, running = wait(calls, timeout=WAIT_SECONDS)
    pool.shutdown(wait=False, cancel_futures=True)
    if running:
        logger.error("handlers have not returned in %s s: give their calls a timeout", WAIT_SECONDS)
    for call in ended:
        call.result()


def _call_in_thread(pk: int) -> None:
    try:
        call_handler(pk)
    finally:
        connections.close_all()
        close_old_connections()


def call_handler(pk: int) -> None:
    """One call, unless another process has it."""
    token = secrets.token_hex(16)
    due = HandlerCall.objects.due().filter(pk=pk)
    if not due.update(
        lease_token=token, next_at=database_now() + LEASE, attempt_count=F("attempt_count") + 1
    ):
        return
    call = HandlerCall.objects.select_related("order__store", "order__partner").get(pk=pk)
    handler = handlers.find_handler(call.event, call.handler)
    if handler is None:
        _give_up(call, token, "The project has no handler of this name any more.")
        return
    if RetrySchedule().is_used_up(call.attempt_count - 1):
        _give_up(call, token, "The process ended during the last call.")
        return
    began = time.monotonic()
    try:
        raised = _run_in_span(call, handler, token)
    except LeaseLost:
        logger.warning("%s: the lease was lost; another process has called it", call)
        return
    if raised:
        # Logged as text: the project's own error may hold what neither a database nor a log file in UTF-8 takes. And
        # only now that it is handled: whatever goes wrong from here on would name it, unmasked, as its context.
        error = storable(mask_secrets(raised, call.order))
        logger.error("%s failed for order %s:\n%s", call, call.order.order_no, error)
        _record_failure(call, token, error)
    if time.monotonic() - began > SLOW_SECONDS:
        logger.warning("%s took longer than %s s for order %s", call, SLOW_SECONDS, call.order.order_no)


def _run_in_span(call: HandlerCall, handler: handlers.Handler, token: str) -> str:
    described = {"order_no": call.order.order_no, "partner_no": call.order.partner.partner_no}
    with begin_span(
        "run_handler", **described, kind=call.event, handler=call.handler, attempt=call.attempt_count
    ) as span:
        raised = _run_caught(call, handler, token)
        span.set(outcome="failed" if raised else "done")
        if raised:
            span.fail("HandlerFailed")
        return raised


def _run_caught(call: HandlerCall, handler: handlers.Handler, token: str) -> str:
    """The traceback of what it raised, unmasked; "" when it is done. Raises LeaseLost."""
    try:
        _run(call, handler, token)
    except LeaseLost:
        raise
    except Exception:  # noqa: BLE001 - the project's own code
        return traceback.format_exc()
    return ""


def _run(call: HandlerCall, handler: handlers.Handler, token: str) -> None:
    if not handler.atomic:
        handler.function(call.order)
        _mark_done(call, token)
        return
    with atomic():
        handler.function(call.order)
        if not _mark_done(call, token):
            raise LeaseLost


def _leased(call: HandlerCall, token: str) -> HandlerCallQuerySet:
    return HandlerCall.objects.filter(pk=call.pk, lease_token=token, state=HandlerCall.State.PENDING)


def _mark_done(call: HandlerCall, token: str) -> int:
    done = {
        "state": HandlerCall.State.DONE,
        "finished_at": clock.now(),
        "lease_token": "",
        "last_error": "",
    }
    return _leased(call, token).update(**done)


def _record_failure(call: HandlerCall, token: str, error: str) -> None:
    delay = RetrySchedule().delay_after(call.attempt_count)
    if delay is None:
        _give_up(call, token, error)
        return
    _leased(call, token).update(
        next_at=database_now() + timedelta(seconds=delay),
        lease_token="",
        last_error=error[-MAX_ERROR_LENGTH:],
    )


def _give_up(call: HandlerCall, token: str, error: str) -> None:
    """Staff put it right and have it called again."""
    with atomic():
        given_up = _leased(call, token).update(
            state=HandlerCall.State.EXHAUSTED,
            finished_at=clock.now(),
            lease_token="",
            last_error=error[-MAX_ERROR_LENGTH:],
        )
        if given_up:
            details = {"handler": call.handler, "event": call.event}
            raise_flag_once(call.order, Flag.Kind.HANDLER_FAILED, details, BY_SWEEP)


def call_again(calls: HandlerCallQuerySet) -> int:
    """Have calls made now, from the start of the ladder: those that were given up, and those that wait for their next
    attempt; how many. Calls that are done, or being made by a process, stay as they are.
    """
    given_up = Q(state=HandlerCall.State.EXHAUSTED)
    waiting = Q(state=HandlerCall.State.PENDING, lease_token="", attempt_count__gt=0)
    changed = calls.filter(given_up | waiting).update(
        state=HandlerCall.State.PENDING, next_at=database_now(), attempt_count=0, finished_at=None
    )
    if changed:
        on_commit(wake_handlers, robust=True)
    return changed
