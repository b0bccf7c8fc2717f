"""Reverse a barcode payment whose outcome is not known, or that the customer did not confirm in time."""

from datetime import timedelta

from scanforpay_django import clock
from scanforpay_django.exceptions import PlatformRefused
from scanforpay_django.flows.apply_payment import ApplyOutcome, apply_payment
from scanforpay_django.flows.configured_wallet import configure
from scanforpay_django.flows.query_platform import (
    BARCODE_POLL_INTERVAL,
    claim_query,
    end_query,
    keep_claim,
    mark_closed,
    mark_closing,
    query_payment,
)
from scanforpay_django.models import Payment
from scanforpay_django.models.cause import PLATFORM_QUERY
from scanforpay_django.wallets.base import TradeState


def reverse_barcode(payment: Payment, *, was_refused: bool = False) -> ApplyOutcome:
    """Ask about a charged code, reverse it, ask again; "paid" wins. NOTHING: somebody asks now, or the customer is at
    the password.

    A reversal returns what was paid: no query may apply the payment meanwhile, so every call of the platform
    about a barcode takes its turn. "Does not exist" proves that there is nothing to pay once the one call was
    refused or its time is up. Raises PlatformError.
    """
    claim = claim_query(payment, pause=timedelta(0))
    if claim is None:
        return ApplyOutcome.UNCHANGED
    mark_closing(payment, again=BARCODE_POLL_INTERVAL)
    try:
        outcome = query_payment(payment)
        kept = keep_claim(payment, claim) if outcome is ApplyOutcome.UNCHANGED else None
        if kept is None:
            return outcome
        claim = kept
        return _reverse(payment, was_refused=was_refused)
    finally:
        end_query(payment, claim)


def _reverse(payment: Payment, *, was_refused: bool) -> ApplyOutcome:
    wallet = configure(payment.account).wallet
    try:
        if wallet.reverse(payment.out_trade_no):
            mark_closed(payment)
            return ApplyOutcome.CLOSED
    except PlatformRefused:
        # There is no such trade, or it may not be reversed now: the query says which.
        pass
    result = wallet.query(payment.out_trade_no)
    outcome = apply_payment(payment, result, PLATFORM_QUERY)
    is_nowhere = result.state is TradeState.NOT_FOUND and (was_refused or clock.now() > payment.expires_at)
    if outcome is ApplyOutcome.UNCHANGED and is_nowhere:
        mark_closed(payment, Payment.State.FAILED)
        return ApplyOutcome.CLOSED
    return outcome
