"""Merchant scans customer: charge the code that the customer's app shows, once, and tell what came of it."""

import logging
import re
from dataclasses import replace

from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import lazy

from scanforpay_django import clock
from scanforpay_django.exceptions import (
    FieldInvalid,
    InvalidOrderState,
    PlatformError,
    PlatformRefused,
    PlatformUnreachable,
    ScanForPayError,
)
from scanforpay_django.flows.apply_payment import apply_payment
from scanforpay_django.flows.close_order import close_order
from scanforpay_django.flows.configured_wallet import ConfiguredWallet, check_party, configure, find_wallet
from scanforpay_django.flows.create_order import OrderContent, get_or_create_order
from scanforpay_django.flows.find_lost_payments import possible_accounts
from scanforpay_django.flows.payment_request import attempt_number, make_payment_request, order_reference
from scanforpay_django.flows.query_platform import (
    BARCODE_POLL_INTERVAL,
    QUERY_TIMEOUT,
    end_query,
    keep_claim,
    query_payment_throttled,
)
from scanforpay_django.flows.reverse_barcode import reverse_barcode
from scanforpay_django.models import Order, Partner, Payment, RestoreMark, Store
from scanforpay_django.models.cause import PLATFORM_QUERY
from scanforpay_django.models.database import atomic
from scanforpay_django.wallets.base import Kind, PaymentResult, TradeState
from scanforpay_django.wallets.registry import wallet_classes
from scanforpay_django.wire import ANY_WALLET

logger = logging.getLogger(__name__)

# The customer stands at the till: what is not paid by then is reversed.
BARCODE_LIFETIME_SECONDS = 90


def _describe_barcodes() -> str:
    """What the configured wallets' barcodes look like, in the language that is active."""
    rules = {
        str(one.label): str(one.barcode_rule) for one in wallet_classes().values() if one.barcode_pattern
    }
    return "; ".join(f"{label}: {rule}" for label, rule in rules.items())


def find_barcode_wallet(code: str) -> str:
    """The wallet, as the wire names it, whose app shows such a code. Raises FieldInvalid."""
    for backend in wallet_classes().values():
        if backend.barcode_pattern and re.fullmatch(backend.barcode_pattern, code, re.ASCII):
            return backend.wire_name()
    raise FieldInvalid(field="barcode", rule=lazy(_describe_barcodes, str)())


def charge_barcode(partner: Partner, store: Store, content: OrderContent, code: str) -> Order:
    """The order as it stands after the charge. The same number again charges nothing and asks how it stands.

    Raises what create_order raises, PlatformError when the outcome is not known (the order stays ``pending`` and is
    asked about), PlatformUnreachable when nothing was sent (the order is closed).
    """
    with atomic():
        content = replace(content, lifetime_seconds=BARCODE_LIFETIME_SECONDS)
        order, is_new = get_or_create_order(partner, store, content)
        payment = _create_barcode_payment(order) if is_new else None
    if payment is None:
        return refreshed(order)
    if not _was_charged_before_restore(payment):
        _charge(payment, code)
    payment.order.refresh_from_db()
    return payment.order


def _was_charged_before_restore(payment: Payment) -> bool:
    """Whether a platform knows the charge, whose order was lost with the database. To charge it again would be
    refused as paid, and what is refused is reversed: the customer who paid would have goods and money. A customer who
    shows the code of another app this time would pay twice.
    """
    if RestoreMark.objects.under_way() is None:
        return False
    for configured in possible_accounts(payment.order, ANY_WALLET):
        result = _ask_for_charge(configured, payment)
        if result is None or result.state is TradeState.NOT_FOUND:
            continue
        Payment.objects.filter(pk=payment.pk, state=Payment.State.CREATED).update(
            account=configured.account,
            wallet=configured.backend.wire_name(),
            product=configured.find_product(Kind.BARCODE),
        )
        apply_payment(payment, result, PLATFORM_QUERY)
        return True
    return False


def _ask_for_charge(configured: ConfiguredWallet, payment: Payment) -> PaymentResult | None:
    """None where no code is charged, or another account cannot be asked, which keeps no till from its own."""
    if not configured.find_product(Kind.BARCODE):
        return None
    try:
        return configured.wallet.query(payment.out_trade_no)
    except (ScanForPayError, ImproperlyConfigured) as error:
        if configured.account.pk == payment.account_id:
            raise
        logger.warning("account %s cannot be asked about a charge: %s", configured.account.pk, error)
        return None


def refreshed(order: Order) -> Order:
    """A barcode order as it stands: no platform notifies of these, so it is asked, at most every few seconds."""
    if order.entry == Order.Entry.BARCODE and order.state == Order.State.PENDING:
        for payment in order.payments.unfinished().select_related("account"):
            try:
                query_payment_throttled(payment)
            except ScanForPayError as error:
                logger.warning("%s: %s", payment.out_trade_no, error)
        order.refresh_from_db()
    return order


def _create_barcode_payment(made: Order) -> Payment:
    found = Order.objects.select_related("store", "partner")
    order = found.get(partner_id=made.partner_id, partner_order_no=made.partner_order_no)
    configured = find_wallet(order, Kind.BARCODE)
    payment = Payment.objects.create(
        order=order,
        out_trade_no=attempt_number(order, 1),
        attempt=1,
        account=configured.account,
        wallet=order.wallet,
        product=configured.find_product(Kind.BARCODE),
        amount=order.amount,
        currency=order.currency,
        request={
            "title": order.title or order.store.name,
            "notify_url": "",
            "payer_kind": "",
            "client_ip": "",
            "return_url": "",
            "reference": order_reference(order),
        },
        expires_at=order.expires_at,
        next_query_at=clock.now() + QUERY_TIMEOUT,
        # No query runs while it is being charged.
        queried_at=clock.now() + QUERY_TIMEOUT,
    )
    check_party(configured)
    return payment


def _charge(payment: Payment, code: str) -> None:
    """The one call that takes money. The code itself is stored nowhere: it is good for one minute and one charge."""
    order = payment.order
    claim = keep_claim(payment, payment.queried_at) if payment.queried_at else None
    if claim is None:
        # Paused for so long that the sweep has begun to reverse it: a charge now would take money for nothing.
        order.refresh_from_db()
        return
    try:
        result = configure(payment.account).wallet.pay_by_barcode(
            replace(make_payment_request(payment), barcode=code)
        )
    except PlatformUnreachable:
        Payment.objects.filter(pk=payment.pk, state=Payment.State.CREATED).update(
            state=Payment.State.FAILED, next_query_at=None
        )
        _close_charged_order(order)
        raise
    except PlatformRefused:
        end_query(payment, claim)
        _close_charged_order(order, refused=payment)
    except PlatformError:
        end_query(payment, claim, ask_again=True)
        if refreshed(order).state == Order.State.PENDING:
            raise
    else:
        created = Payment.objects.filter(pk=payment.pk, state=Payment.State.CREATED)
        created.update(state=Payment.State.OPEN, next_query_at=clock.now() + BARCODE_POLL_INTERVAL)
        apply_payment(payment, result, PLATFORM_QUERY)
        end_query(payment, claim)
    order.refresh_from_db()


def _close_charged_order(order: Order, refused: Payment | None = None) -> None:
    """ "Failed" is said when the platform has confirmed it; until then the sweep goes on asking."""
    try:
        if refused is not None:
            reverse_barcode(refused, was_refused=True)
        close_order(order, PLATFORM_QUERY)
    except (PlatformError, InvalidOrderState) as error:
        logger.warning("%s is not closed yet: %s", order.order_no, error)
