"""Carry a refund through: ask, and follow by query. No transaction is open while the platform is asked."""

import logging
import secrets
from datetime import timedelta

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError
from django.db.models import F
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.urls import reverse

from scanforpay_django import clock
from scanforpay_django.conf import conf
from scanforpay_django.exceptions import (
    PlatformRefused,
    PlatformUnreachable,
    PlatformValueInvalid,
    RequestRefused,
    ScanForPayError,
    SecretUnreadable,
)
from scanforpay_django.flows.configured_wallet import configure
from scanforpay_django.flows.find_lost_refunds import find_lost_refund
from scanforpay_django.flows.raise_flag import flag_refused_message
from scanforpay_django.flows.record_refund import leased_refund, record_refund_result, schedule_next_poll
from scanforpay_django.flows.refunded_sum import check_refunded_sum
from scanforpay_django.models import Refund
from scanforpay_django.models.cause import PLATFORM_QUERY
from scanforpay_django.models.moments import database_now, due_moment
from scanforpay_django.wallets.base import RefundRequest, RefundResult, RefundState, Wallet

logger = logging.getLogger(__name__)

# No call lasts longer: until then no other process takes the next step. A process that is paused for longer has
# lost the lease, and writes nothing more.
LEASE = timedelta(seconds=60)
#: the platform was not reached, or the account cannot be used at all
NOTHING_WAS_SENT = (PlatformUnreachable, RequestRefused, SecretUnreadable, ImproperlyConfigured)


def carry_out(refund: Refund) -> Refund:
    """One step, unless another process is at it; the refund as it stands then."""
    try:
        take_step(refund)
    except ScanForPayError as error:
        logger.warning("refund %s: %s", refund.out_refund_no, error)
    return Refund.objects.select_related("order").get(pk=refund.pk)


def take_step(refund: Refund) -> None:
    """The same for the sweep. Whatever goes wrong is raised after it is written down when the next step comes."""
    leased = _lease(refund)
    if leased is None:
        return
    try:
        _step(leased, configure(leased.payment.account).wallet)
    except DatabaseError:
        raise
    except Exception as error:
        state = leased.state if isinstance(error, NOTHING_WAS_SENT) else Refund.State.UNKNOWN
        code = str(getattr(error, "platform_code", ""))
        schedule_next_poll(leased, state, code, failing_since=_since_when())
        if isinstance(error, PlatformValueInvalid):
            flag_refused_message(leased.payment, str(error), PLATFORM_QUERY)
        raise


def _since_when() -> Combinable:
    return Coalesce("failing_since", database_now())


def _lease(refund: Refund) -> Refund | None:
    """Take the step that is due, by the database's clock; None when there is none or another process has it."""
    token = secrets.token_hex(16)
    due = Refund.objects.unfinished().filter(pk=refund.pk, next_at__lte=due_moment())
    if not due.update(next_at=database_now() + LEASE, lease_token=token, step_count=F("step_count") + 1):
        return None
    mine = Refund.objects.filter(pk=refund.pk, lease_token=token)
    return mine.select_related("payment__account", "order").first()


def _step(refund: Refund, wallet: Wallet) -> None:
    """The first time it is sent; after that it is asked about first, and sent again only where it is not known."""
    if refund.sent_at is not None:
        result = wallet.query_refund(refund.payment.out_trade_no, refund.out_refund_no)
        if result.state is not RefundState.NOT_FOUND:
            _record(refund, result)
            check_refunded_sum(refund, result, PLATFORM_QUERY)
            return
        if _may_lag(refund):
            schedule_next_poll(refund, refund.state, result.platform_state)
            return
        if refund.source == Refund.Source.PLATFORM:
            # Made in the platform's console: sent from here it would be another refund. Staff look at what stays so.
            schedule_next_poll(refund, refund.state, result.platform_state, failing_since=_since_when())
            return
    elif (lost := find_lost_refund(refund, wallet)) is not None:
        _record(refund, lost)
        return
    # A notification may have arrived meanwhile, or the lease may have been lost: then nothing is sent.
    is_mine = leased_refund(refund).update(
        sent_at=clock.now(), state=Refund.State.REQUESTED, next_at=database_now() + LEASE
    )
    if not is_mine:
        return
    try:
        result = wallet.refund(_make_refund_request(refund, wallet))
    except PlatformRefused as error:
        _confirm_refusal(refund, wallet, error)
        return
    _record(refund, result)


def _record(refund: Refund, result: RefundResult) -> None:
    record_refund_result(refund, result, PLATFORM_QUERY, lease=refund.lease_token)


def _may_lag(refund: Refund) -> bool:
    """Whether it was accepted so freshly that "does not exist" proves nothing. To send it again could be refused, and
    then it would count as failed although the money is on its way.
    """
    is_fresh = refund.sent_at is not None and clock.now() < refund.sent_at + LEASE
    return is_fresh and refund.state == Refund.State.PROCESSING


def _make_refund_request(refund: Refund, wallet: Wallet) -> RefundRequest:
    path = reverse("scanforpay:platform-notify", args=[wallet.slug, refund.payment.account.public_id])
    return RefundRequest(
        out_trade_no=refund.payment.out_trade_no,
        out_refund_no=refund.out_refund_no,
        amount=refund.amount,
        paid_amount=refund.payment.paid_amount or 0,
        currency=refund.currency,
        reason=refund.reason,
        notify_url=conf.base_url + path,
    )


def _confirm_refusal(refund: Refund, wallet: Wallet, error: PlatformRefused) -> None:
    """A refusal is final when a query finds no refund. Raises PlatformError."""
    result = wallet.query_refund(refund.payment.out_trade_no, refund.out_refund_no)
    if result.state is not RefundState.NOT_FOUND:
        _record(refund, result)
    elif wallet.normalise_code(error.platform_code) in wallet.transient_codes:
        # It passes by itself, as a rule: when it does not, staff look.
        schedule_next_poll(refund, Refund.State.UNKNOWN, error.platform_code, failing_since=_since_when())
    else:
        closed = RefundResult(
            out_refund_no=refund.out_refund_no, state=RefundState.CLOSED, platform_state=error.platform_code
        )
        _record(refund, closed)
