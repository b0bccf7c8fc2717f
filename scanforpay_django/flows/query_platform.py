"""Query a platform about one payment. No transaction is open meanwhile."""

from datetime import datetime, timedelta

from django.db import DatabaseError
from django.db.models import Q

from scanforpay_django import clock
from scanforpay_django.flows.apply_payment import ApplyOutcome, apply_payment
from scanforpay_django.flows.configured_wallet import configure
from scanforpay_django.flows.raise_flag import raise_flag_once
from scanforpay_django.models import Flag, Payment
from scanforpay_django.models.cause import PLATFORM_QUERY, Cause
from scanforpay_django.models.moments import database_now, due_moment
from scanforpay_django.wallets.base import PaymentResult, TradeState
from scanforpay_django.wallets.platform_text import storable

# A page polls every second or so; the platform is asked at most this often per payment.
QUERY_INTERVAL = timedelta(seconds=3)
# No call lasts longer (the transport's own limit is 20 s): until then one that hangs keeps others from asking too.
QUERY_TIMEOUT = timedelta(seconds=25)
# A customer's code: no platform notifies of it, so it is asked this often.
BARCODE_POLL_INTERVAL = timedelta(seconds=5)
# How long after its expiry a payment may still turn out paid.
GRACE = timedelta(minutes=5)


def query_payment(payment: Payment, cause: Cause = PLATFORM_QUERY) -> ApplyOutcome:
    """Query, and apply what the platform answers. Raises PlatformError."""
    same = Payment.objects.unfinished().filter(pk=payment.pk)
    try:
        result = configure(payment.account).wallet.query(payment.out_trade_no)
        outcome = apply_payment(payment, result, cause)
    except DatabaseError:
        raise
    except Exception:
        # The platform's fault, the account's or ours: it does not go on.
        same.filter(failing_since=None).update(failing_since=clock.now())
        raise
    if payment.failing_since is not None:
        same.update(failing_since=None)
    if outcome is ApplyOutcome.INCOMPLETE and clock.now() > payment.expires_at:
        _flag_incomplete(payment, result, cause)
    if outcome is ApplyOutcome.UNCHANGED and result.state is TradeState.NOT_FOUND:
        return _judge_not_found(payment)
    return outcome


def _judge_not_found(payment: Payment) -> ApplyOutcome:
    """ "Does not exist" is believed once the payment can no longer be paid."""
    if _can_no_longer_be_paid(payment):
        mark_closed(payment)
        return ApplyOutcome.CLOSED
    product = configure(payment.account).get_product(payment.product)
    return ApplyOutcome.NOT_CLOSABLE if product and product.opens_on_tap else ApplyOutcome.UNCHANGED


def _flag_incomplete(payment: Payment, result: PaymentResult, cause: Cause) -> None:
    details = {
        "out_trade_no": payment.out_trade_no,
        "trade_no": result.trade_no,
        "reported": storable(result.amount_text, 64),
    }
    raise_flag_once(payment.order, Flag.Kind.PAYMENT_INCOMPLETE, details, cause)


def query_payment_throttled(payment: Payment, cause: Cause = PLATFORM_QUERY) -> ApplyOutcome:
    """The same, unless it is being asked now or was less than QUERY_INTERVAL ago, by whichever process."""
    claim = claim_query(payment, pause=QUERY_INTERVAL)
    if claim is None:
        return ApplyOutcome.UNCHANGED
    try:
        return query_payment(payment, cause)
    finally:
        end_query(payment, claim)


def claim_query(payment: Payment, *, pause: timedelta) -> datetime | None:
    """Claim the right to call the platform, by the database's clock. The claim's end, which names it; None while
    another caller has it, or had it less than ``pause`` ago.
    """
    idle = Q(queried_at__isnull=True) | Q(queried_at__lte=due_moment() - pause)
    return _claim(payment, idle)


def keep_claim(payment: Payment, claim: datetime) -> datetime | None:
    """The claim anew, before a call that moves money; None when a pause lost it: another caller is at it."""
    return _claim(payment, Q(queried_at=claim))


def _claim(payment: Payment, condition: Q) -> datetime | None:
    mine = Payment.objects.unfinished().filter(condition, pk=payment.pk)
    if not mine.update(queried_at=database_now() + QUERY_TIMEOUT):
        return None
    return Payment.objects.values_list("queried_at", flat=True).get(pk=payment.pk)


def end_query(payment: Payment, claim: datetime, *, ask_again: bool = False) -> None:
    """Let others ask, at once if nothing was learned. A claim that was lost does not end another's."""
    mine = Payment.objects.filter(pk=payment.pk, queried_at=claim)
    mine.update(queried_at=None if ask_again else database_now())


def mark_closing(payment: Payment, *, again: timedelta) -> None:
    """No new action of the customer's may open it; the sweep goes on with it after ``again``."""
    payable = Payment.objects.filter(pk=payment.pk, state__in=(Payment.State.CREATED, Payment.State.OPEN))
    payable.update(state=Payment.State.CLOSING, next_query_at=clock.now() + again)


def _can_no_longer_be_paid(payment: Payment) -> bool:
    """Past its expiry: only then does "does not exist" prove that it will not be paid."""
    product = configure(payment.account).get_product(payment.product)
    lives_on = timedelta(seconds=product.lives_on_seconds) if product else GRACE
    return clock.now() > payment.expires_at + lives_on


def mark_closed(payment: Payment, state: str = Payment.State.CLOSED) -> None:
    """Record that the platform confirmed the closing; a finished payment stays as it is."""
    Payment.objects.unfinished().filter(pk=payment.pk).update(state=state, next_query_at=None)
