"""Ask a platform about one payment, or tell it to close one. No transaction is open while it is asked."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from scanforpay_django.exceptions import PlatformRefused, PlatformSaysPaid
from scanforpay_django.flows.accounts import wallet_of
from scanforpay_django.flows.payment_request import request_of
from scanforpay_django.flows.settle import Settlement, settle
from scanforpay_django.models import OrderEvent, Payment
from scanforpay_django.wallets import wallet_class
from scanforpay_django.wallets.base import TradeState

# A page polls every second or so; the platform is asked at most this often per payment.
THROTTLE = timedelta(seconds=3)
# No call lasts longer (the transport's own limit is 20 s): until then one that hangs keeps others from asking too.
CALL_LIMIT = timedelta(seconds=25)
# How long after its expiry a payment may still turn out paid.
GRACE = timedelta(minutes=5)


def ask(payment: Payment, *, source: str = OrderEvent.Source.PLATFORM_QUERY) -> Settlement:
    """Query and settle. Raises PlatformError."""
    result = wallet_of(payment.account).query(payment.out_trade_no)
    settlement = settle(payment, result, source=source)
    if settlement is Settlement.NOTHING and result.state is TradeState.NOT_FOUND and _is_over(payment):
        _mark_closed(payment)
        return Settlement.CLOSED
    return settlement


def ask_throttled(payment: Payment, *, source: str = OrderEvent.Source.PLATFORM_QUERY) -> Settlement:
    """The same, unless it is being asked now or was less than THROTTLE ago, by whichever process."""
    now = timezone.now()
    idle = Q(queried_at__isnull=True) | Q(queried_at__lte=now - THROTTLE)
    mine = Payment.objects.filter(idle, pk=payment.pk, state__in=Payment.UNFINISHED)
    if not mine.update(queried_at=now + CALL_LIMIT):
        return Settlement.NOTHING
    try:
        return ask(payment, source=source)
    finally:
        Payment.objects.filter(pk=payment.pk).update(queried_at=timezone.now())


def close_payment(payment: Payment) -> Settlement:
    """Ask, tell the platform to close, ask again; "paid" wins. NOTHING: not confirmed yet, it stays ``closing``.

    Raises PlatformError.
    """
    Payment.objects.filter(pk=payment.pk, state__in=(Payment.State.CREATED, Payment.State.OPEN)).update(
        state=Payment.State.CLOSING, next_query_at=timezone.now() + timedelta(minutes=1)
    )
    settlement = ask(payment)
    if settlement is not Settlement.NOTHING:
        return settlement
    if not payment.prepay and not _make_provable(payment):
        return Settlement.CLOSED
    try:
        wallet_of(payment.account).close(payment.out_trade_no)
    except PlatformSaysPaid:
        return ask(payment)
    return ask(payment)


def _make_provable(payment: Payment) -> bool:
    """A create call that was never answered may have been carried out, or may still be: "does not exist" proves
    nothing. The identical call again makes the trade exist, so that its closing can be confirmed. False: the
    platform refuses the trade for good and knows none, so there is nothing to pay.
    """
    try:
        wallet_of(payment.account).create(request_of(payment))
    except PlatformSaysPaid:
        return True
    except PlatformRefused:
        confirm_refused(payment)
        if Payment.objects.filter(pk=payment.pk, state__in=Payment.UNFINISHED).exists():
            raise
        return False
    return True


def confirm_refused(payment: Payment) -> None:
    """After a refused create call: a query that finds nothing makes the payment ``failed``.

    Not while another call of the same attempt may be under way: it could be the one that is accepted.
    Raises PlatformError.
    """
    result = wallet_of(payment.account).query(payment.out_trade_no)
    if result.state is not TradeState.NOT_FOUND:
        settle(payment, result, source=OrderEvent.Source.PLATFORM_QUERY)
    elif timezone.now() > payment.created_at + CALL_LIMIT:
        unknown = Payment.objects.filter(
            pk=payment.pk, state__in=(Payment.State.CREATED, Payment.State.CLOSING)
        )
        unknown.filter(prepay={}).update(state=Payment.State.FAILED, next_query_at=None)


def _is_over(payment: Payment) -> bool:
    """Past its own expiry: only then does "does not exist" prove that nobody will pay it."""
    backend = wallet_class(payment.account.wallet)
    product = backend.products.get(payment.product) if backend else None
    lives_on = timedelta(seconds=product.lives_on_seconds) if product else GRACE
    return timezone.now() > payment.expires_at + lives_on


def _mark_closed(payment: Payment) -> None:
    Payment.objects.filter(pk=payment.pk, state__in=Payment.UNFINISHED).update(
        state=Payment.State.CLOSED, next_query_at=None
    )
