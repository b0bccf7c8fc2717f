"""Ask a platform about one payment, or tell it to close one. No transaction is open while it is asked."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from scanforpay_django.exceptions import PlatformRefused, PlatformSaysPaid
from scanforpay_django.flows.apply_payment import ApplyOutcome, apply_payment
from scanforpay_django.flows.configured_wallet import wallet_of
from scanforpay_django.flows.payment_request import make_payment_request
from scanforpay_django.models import Order, OrderEvent, Payment
from scanforpay_django.wallets.base import TradeState
from scanforpay_django.wallets.registry import wallet_class

# A page polls every second or so; the platform is asked at most this often per payment.
QUERY_INTERVAL = timedelta(seconds=3)
# No call lasts longer (the transport's own limit is 20 s): until then one that hangs keeps others from asking too.
QUERY_TIMEOUT = timedelta(seconds=25)
# A customer's code: no platform notifies of it, so it is asked this often.
BARCODE_POLL_INTERVAL = timedelta(seconds=5)
# How long after its expiry a payment may still turn out paid.
GRACE = timedelta(minutes=5)


def query_payment(payment: Payment, *, source: str = OrderEvent.Source.PLATFORM_QUERY) -> ApplyOutcome:
    """Query and settle. Raises PlatformError."""
    result = wallet_of(payment.account).query(payment.out_trade_no)
    outcome = apply_payment(payment, result, source=source)
    if (
        outcome is ApplyOutcome.UNCHANGED
        and result.state is TradeState.NOT_FOUND
        and _can_no_longer_be_paid(payment)
    ):
        _mark_closed(payment)
        return ApplyOutcome.CLOSED
    return outcome


def query_payment_throttled(
    payment: Payment, *, source: str = OrderEvent.Source.PLATFORM_QUERY
) -> ApplyOutcome:
    """The same, unless it is being asked now or was less than QUERY_INTERVAL ago, by whichever process."""
    if not _begin(payment, pause=QUERY_INTERVAL):
        return ApplyOutcome.UNCHANGED
    try:
        return query_payment(payment, source=source)
    finally:
        end_query(payment)


def _begin(payment: Payment, *, pause: timedelta) -> bool:
    """Whether nobody calls the platform about it now, or did within ``pause``: then it is this caller's turn."""
    now = timezone.now()
    idle = Q(queried_at__isnull=True) | Q(queried_at__lte=now - pause)
    mine = Payment.objects.filter(idle, pk=payment.pk, state__in=Payment.UNFINISHED)
    return bool(mine.update(queried_at=now + QUERY_TIMEOUT))


def end_query(payment: Payment, *, ask_again: bool = False) -> None:
    """Let others ask, at once if nothing was learned."""
    Payment.objects.filter(pk=payment.pk).update(queried_at=None if ask_again else timezone.now())


def close_payment(payment: Payment) -> ApplyOutcome:
    """Ask, tell the platform to close, ask again; "paid" wins. NOTHING: not confirmed yet, it stays ``closing``.

    Raises PlatformError.
    """
    if payment.order.entry == Order.Entry.BARCODE:
        return reverse_barcode(payment)
    _mark_closing(payment, again=timedelta(minutes=1))
    outcome = query_payment(payment)
    if outcome is not ApplyOutcome.UNCHANGED:
        return outcome
    if not payment.prepay and not _repeat_create(payment):
        return ApplyOutcome.CLOSED
    try:
        wallet_of(payment.account).close(payment.out_trade_no)
    except PlatformSaysPaid:
        return query_payment(payment)
    return query_payment(payment)


def _mark_closing(payment: Payment, *, again: timedelta) -> None:
    payable = Payment.objects.filter(pk=payment.pk, state__in=(Payment.State.CREATED, Payment.State.OPEN))
    payable.update(state=Payment.State.CLOSING, next_query_at=timezone.now() + again)


def reverse_barcode(payment: Payment, *, was_refused: bool = False) -> ApplyOutcome:
    """Ask about a charged code, reverse it, ask again; "paid" wins. NOTHING: somebody asks now, or the customer is at
    the password.

    A reversal gives back what was paid: nobody may ask and settle while it goes on, so whoever calls the platform
    about a code has its turn. "Does not exist" proves that there is nothing to pay once the one call was refused or
    its time is up. Raises PlatformError.
    """
    if not _begin(payment, pause=timedelta(0)):
        return ApplyOutcome.UNCHANGED
    try:
        return _reverse(payment, was_refused=was_refused)
    finally:
        end_query(payment)


def _reverse(payment: Payment, *, was_refused: bool) -> ApplyOutcome:
    _mark_closing(payment, again=BARCODE_POLL_INTERVAL)
    outcome = query_payment(payment)
    if outcome is not ApplyOutcome.UNCHANGED:
        return outcome
    wallet = wallet_of(payment.account)
    try:
        if wallet.reverse(payment.out_trade_no):
            _mark_closed(payment)
            return ApplyOutcome.CLOSED
    except PlatformRefused:
        # There is no such trade, or it may not be reversed now: the query says which.
        pass
    result = wallet.query(payment.out_trade_no)
    outcome = apply_payment(payment, result, source=OrderEvent.Source.PLATFORM_QUERY)
    is_nowhere = result.state is TradeState.NOT_FOUND and (was_refused or timezone.now() > payment.expires_at)
    if outcome is ApplyOutcome.UNCHANGED and is_nowhere:
        _mark_closed(payment, Payment.State.FAILED)
        return ApplyOutcome.CLOSED
    return outcome


def _repeat_create(payment: Payment) -> bool:
    """A create call that was never answered may have been carried out, or may still be: "does not exist" proves
    nothing. The identical call again makes the trade exist, so that its closing can be confirmed. False: the
    platform refuses the trade for good and knows none, so there is nothing to pay.
    """
    try:
        wallet_of(payment.account).create(make_payment_request(payment))
    except PlatformSaysPaid:
        return True
    except PlatformRefused:
        confirm_refusal(payment)
        if Payment.objects.filter(pk=payment.pk, state__in=Payment.UNFINISHED).exists():
            raise
        return False
    return True


def confirm_refusal(payment: Payment) -> None:
    """After a refused create call: a query that finds nothing makes the payment ``failed``.

    Not while another call of the same attempt may be under way: it could be the one that is accepted.
    Raises PlatformError.
    """
    result = wallet_of(payment.account).query(payment.out_trade_no)
    if result.state is not TradeState.NOT_FOUND:
        apply_payment(payment, result, source=OrderEvent.Source.PLATFORM_QUERY)
    elif timezone.now() > payment.created_at + QUERY_TIMEOUT:
        unknown = Payment.objects.filter(
            pk=payment.pk, state__in=(Payment.State.CREATED, Payment.State.CLOSING)
        )
        unknown.filter(prepay={}).update(state=Payment.State.FAILED, next_query_at=None)


def _can_no_longer_be_paid(payment: Payment) -> bool:
    """Past its own expiry: only then does "does not exist" prove that nobody will pay it."""
    backend = wallet_class(payment.account.wallet)
    product = backend.products.get(payment.product) if backend else None
    lives_on = timedelta(seconds=product.lives_on_seconds) if product else GRACE
    return timezone.now() > payment.expires_at + lives_on


def _mark_closed(payment: Payment, state: str = Payment.State.CLOSED) -> None:
    Payment.objects.filter(pk=payment.pk, state__in=Payment.UNFINISHED).update(
        state=state, next_query_at=None
    )
