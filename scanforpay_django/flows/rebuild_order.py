"""Make an order again that a restored database does not have, from what a platform brings back of it.

An order at a platform carries a reference of ours, with a digest that only the holder of the key makes. It names the
partner, the store and both order numbers; amount, currency and payment are the platform's to say. The title, the notify
address and what else the merchant sent are lost until the merchant sends the order again (``complete_order``).
"""

import logging

from scanforpay_django import clock
from scanforpay_django.flows.apply_payment import apply_payment
from scanforpay_django.flows.configured_wallet import ConfiguredWallet
from scanforpay_django.flows.find_lost_payments import record_lost_payment
from scanforpay_django.flows.plausible import check_payment_result
from scanforpay_django.flows.recover_payment import find_attempt
from scanforpay_django.models import (
    ArchivedNumber,
    Cause,
    Order,
    Payment,
    RebuiltOrder,
    RestoreMark,
    Store,
)
from scanforpay_django.models.database import atomic
from scanforpay_django.models.derived_numbers import read_reference
from scanforpay_django.wallets.base import PaymentResult, TradeState

logger = logging.getLogger(__name__)


def rebuild_order(
    configured: ConfiguredWallet, result: PaymentResult, source: str, cause: Cause
) -> Order | None:
    """The order that a verified result of an account's belongs to, with its payment, which is applied. Called outside
    a transaction.

    None without a restore, for a payment that is not paid, for a reference that is not ours or of another account's
    store, for a partner or a store that the restored database does not know, and where the merchant has used the number
    again, at another store or with another account: nothing is made then. Raises PlatformValueInvalid likewise.
    """
    reference = read_reference(result.reference) if result.reference else None
    if reference is None or result.state is not TradeState.PAID or not result.amount:
        return None
    if RestoreMark.objects.newest() is None:
        return None
    partner_no, store_no, partner_order_no, order_no = reference
    store = _find_store(configured, partner_no, store_no)
    attempt = find_attempt(partner_no, partner_order_no, result.out_trade_no)
    currency = result.currency or _only_currency(configured)
    if store is None or attempt is None or not currency:
        logger.error("the order of %s (%s) cannot be made again", result.out_trade_no, result.reference)
        return None
    if ArchivedNumber.objects.find_payment(store.partner_id, result.out_trade_no) is not None:
        return None
    check_payment_result(result)
    # One transaction: an order whose time is up would end before its payment is here, which would then come late.
    with atomic():
        order, is_new = Order.objects.select_related("partner", "store").get_or_create(
            partner=store.partner,
            partner_order_no=partner_order_no,
            defaults={
                "store": store,
                "order_no": order_no,
                "wallet": configured.backend.wire_name(),
                "amount": result.amount,
                "currency": currency,
                # It is made now, not when it was paid: rows are looked for by time in the order of their keys.
                "expires_at": clock.now(),
            },
        )
        if is_new:
            RebuiltOrder.objects.create(order=order, source=source)
            order.record_event(cause, {"rebuilt": str(source), "out_trade_no": result.out_trade_no})
        payment = None
        if order.store_id == store.pk:
            payment = record_lost_payment(order, attempt, configured, result.out_trade_no, cause)
    return _apply(order, payment, configured, result, cause)


def _apply(
    order: Order,
    payment: Payment | None,
    configured: ConfiguredWallet,
    result: PaymentResult,
    cause: Cause,
) -> Order | None:
    """None where the payment is not here, and cannot be."""
    if payment is not None:
        apply_payment(payment, result, cause)
    elif not Payment.objects.filter(account=configured.account, out_trade_no=result.out_trade_no).exists():
        logger.error("the order of %s has another payment of that number", result.out_trade_no)
        return None
    order.refresh_from_db()
    return order


def _find_store(configured: ConfiguredWallet, partner_no: str, store_no: str) -> Store | None:
    """The account's own store, if the reference names it."""
    of_account = Store.objects.filter(pk=configured.account.store_id).select_related("partner")
    return of_account.filter(store_no=store_no, partner__partner_no=partner_no).first()


def _only_currency(configured: ConfiguredWallet) -> str:
    """For a message that names none."""
    currencies = sorted(configured.currencies)
    return currencies[0] if len(currencies) == 1 else ""
