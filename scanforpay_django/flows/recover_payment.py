"""Make a payment anew that a platform's bill shows and the database does not know, on an order that is still here."""

from django.core.exceptions import ImproperlyConfigured

from scanforpay_django.exceptions import PlatformValueInvalid, ScanForPayError
from scanforpay_django.flows.find_lost_payments import possible_accounts, restore_payment
from scanforpay_django.models import Order
from scanforpay_django.models.derived_numbers import derive_out_trade_no
from scanforpay_django.wallets.base import TradeState

#: an order has fewer attempts
MAX_ATTEMPTS = 200


def recover_payment(order: Order, out_trade_no: str) -> bool:
    """Ask every account of the store that could have made it; whether one knew it, and the payment is here now. Called
    outside a transaction. Raises PlatformError, and PlatformValueInvalid for a number that is none of the order's.
    """
    attempt = _find_attempt(order, out_trade_no)
    if order.payments.filter(attempt=attempt).exists():
        return False
    faults = []
    for configured in possible_accounts(order):
        try:
            result = configured.wallet.query(out_trade_no)
        except (ScanForPayError, ImproperlyConfigured) as error:
            # It keeps no other account from being asked.
            faults.append(error)
            continue
        if result.state is not TradeState.NOT_FOUND:
            return bool(restore_payment(order, attempt, configured, result))
    if faults:
        raise faults[0]
    return False


def _find_attempt(order: Order, out_trade_no: str) -> int:
    partner_no = order.partner.partner_no
    attempt = find_attempt(partner_no, order.partner_order_no, out_trade_no)
    if attempt is None:
        raise PlatformValueInvalid("the number is none of the order's")
    return attempt


def find_attempt(partner_no: str, partner_order_no: str, out_trade_no: str) -> int | None:
    """The place of the attempt that has the number; None for a number that is none of the order's."""
    for attempt in range(1, MAX_ATTEMPTS + 1):
        if derive_out_trade_no(partner_no, partner_order_no, attempt) == out_trade_no:
            return attempt
    return None
