"""Close one payment at its platform. No transaction is open while it is called."""

from datetime import timedelta

from scanforpay_django import clock
from scanforpay_django.exceptions import PlatformRefused, PlatformSaysPaid
from scanforpay_django.flows.apply_payment import ApplyOutcome, apply_payment
from scanforpay_django.flows.configured_wallet import configure
from scanforpay_django.flows.payment_request import make_payment_request
from scanforpay_django.flows.query_platform import QUERY_TIMEOUT, mark_closing, query_payment
from scanforpay_django.flows.reverse_barcode import reverse_barcode
from scanforpay_django.models import Order, Payment
from scanforpay_django.models.cause import PLATFORM_QUERY
from scanforpay_django.wallets.base import TradeState


def close_payment(payment: Payment) -> ApplyOutcome:
    """Ask, tell the platform to close, ask again; "paid" wins. NOTHING: not confirmed yet, it stays ``closing``.

    Raises PlatformError.
    """
    if payment.order.entry == Order.Entry.BARCODE:
        return reverse_barcode(payment)
    mark_closing(payment, again=timedelta(minutes=1))
    outcome = query_payment(payment)
    if outcome is not ApplyOutcome.UNCHANGED:
        return outcome
    if not payment.prepay and not _repeat_create(payment):
        return ApplyOutcome.CLOSED
    wallet = configure(payment.account).wallet
    if not wallet.can_close:
        return ApplyOutcome.NOT_CLOSABLE
    try:
        wallet.close(payment.out_trade_no)
    except PlatformSaysPaid:
        return query_payment(payment)
    return query_payment(payment)


def _repeat_create(payment: Payment) -> bool:
    """A create call that was never answered may have been carried out, or may still be: "does not exist" proves
    nothing. The identical call again makes the trade exist, so that its closing can be confirmed. False: the
    platform refuses the trade for good and knows none, so there is nothing to pay.
    """
    try:
        configure(payment.account).wallet.create(make_payment_request(payment))
    except PlatformSaysPaid:
        return True
    except PlatformRefused:
        confirm_refusal(payment)
        if Payment.objects.unfinished().filter(pk=payment.pk).exists():
            raise
        return False
    return True


def confirm_refusal(payment: Payment) -> None:
    """After a refused create call: a query that finds nothing makes the payment ``failed``.

    Not while another call of the same attempt may be under way: it could be the one that is accepted.
    Raises PlatformError.
    """
    result = configure(payment.account).wallet.query(payment.out_trade_no)
    if result.state is not TradeState.NOT_FOUND:
        apply_payment(payment, result, PLATFORM_QUERY)
    elif clock.now() > payment.created_at + QUERY_TIMEOUT:
        unknown = Payment.objects.filter(
            pk=payment.pk, state__in=(Payment.State.CREATED, Payment.State.CLOSING)
        )
        unknown.filter(prepay={}).update(state=Payment.State.FAILED, next_query_at=None)
