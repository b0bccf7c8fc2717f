"""What a code holds that the merchant shows itself: the platform's own text where that is granted, else our page."""

import logging

from scanforpay_django.exceptions import ScanForPayError
from scanforpay_django.flows.configured_wallet import find_order_wallets
from scanforpay_django.flows.start_payment import Attempt, start_payment
from scanforpay_django.models import Order, Payment
from scanforpay_django.page_address import page_address
from scanforpay_django.wallets.base import Kind

logger = logging.getLogger(__name__)


def order_code(order: Order, *, is_repeated: bool = False) -> str:
    """The text for a QR code. Our page's address serves every wallet's app, and also shows what became of the order: it
    is the answer where the platform gives no code now, and to bytes that were sent before once a customer pays in
    another way: these start nothing, and so close nothing.
    """
    own = page_address(order.scan_token)
    try:
        configured, *others = find_order_wallets(order)
        product = configured.find_product(Kind.CODE)
        # A platform's code is read by its own app alone.
        if others or not product or (is_repeated and _has_moved_on(order, product)):
            return own
        return start_payment(order, Attempt(configured=configured, product=product)).params["url"]
    except ScanForPayError as error:
        logger.warning("order %s: the platform gives no code, ours is shown: %s", order.order_no, error)
        return own


def _has_moved_on(order: Order, product: str) -> bool:
    """Whether there are attempts other than the one whose code it is."""
    return order.payments.exclude(product=product, state__in=Payment.UNFINISHED).exists()
