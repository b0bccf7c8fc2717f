"""After a restore, ask a platform for refunds of a payment that no merchant asked for, staff's say, and whose rows were
lost. Their numbers follow from the payment's; those of merchants' refunds follow from numbers that only they know.
"""

from collections.abc import Callable

from scanforpay_django.flows.configured_wallet import configure
from scanforpay_django.flows.import_platform_refund import import_refund
from scanforpay_django.flows.refund_rules import own_refunds
from scanforpay_django.flows.refund_unapplied import unapplied_kind
from scanforpay_django.models import Payment, Refund
from scanforpay_django.models.cause import PLATFORM_QUERY
from scanforpay_django.models.derived_numbers import derive_own_refund_no
from scanforpay_django.wallets.base import RefundState

#: a platform that knows every number is not asked for ever; one that sells refunds by the dozen has its bill
MAX_ASKED = 20


def find_own_refunds(payment: Payment, *, before_each: Callable[[int], None]) -> int:
    """How many were found; each is a row again. ``before_each`` is called with the account's key before each question.
    Called outside a transaction. Raises PlatformError.
    """
    configured = configure(payment.account)
    left = (payment.paid_amount or 0) - payment.refunded_amount - payment.reserved_amount
    if not configured.backend.can_refund or left <= 0:
        return 0
    kind = Refund.Kind.ORDER if payment.is_applied else unapplied_kind(payment.order, payment)
    found, first = 0, own_refunds(payment, kind).count() + 1
    for ordinal in range(first, first + MAX_ASKED):
        number = derive_own_refund_no(kind, payment.out_trade_no, ordinal)
        if Refund.objects.filter(out_refund_no=number).exists():
            continue
        before_each(payment.account_id)
        result = configured.wallet.query_refund(payment.out_trade_no, number)
        if result.state is RefundState.NOT_FOUND:
            break
        # A failed one leaves the next number to the next.
        if result.state is not RefundState.CLOSED:
            found += import_refund(payment, result, PLATFORM_QUERY)
    return found
