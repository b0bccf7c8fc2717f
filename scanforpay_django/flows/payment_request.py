"""From a payment's row to what its platform is asked."""

from scanforpay_django.models import Order, Payment
from scanforpay_django.models.derived_numbers import derive_out_trade_no, make_reference
from scanforpay_django.wallets.base import Payer, PaymentRequest


def make_payment_request(payment: Payment) -> PaymentRequest:
    """Made from what was stored: sending again sends the identical body."""
    payer = Payer(id=payment.payer_id, kind=payment.request["payer_kind"]) if payment.payer_id else None
    return PaymentRequest(
        product=payment.product,
        out_trade_no=payment.out_trade_no,
        amount=payment.amount,
        currency=payment.currency,
        title=payment.request["title"],
        notify_url=payment.request["notify_url"],
        expires_at=payment.expires_at,
        payer=payer,
        client_ip=payment.request["client_ip"],
        return_url=payment.request["return_url"],
        reference=payment.request.get("reference", ""),
    )


def attempt_number(order: Order, attempt: int) -> str:
    """Our number of the order's n-th attempt, the first being 1."""
    return derive_out_trade_no(order.partner.partner_no, order.partner_order_no, attempt)


def order_reference(order: Order) -> str:
    """What a platform keeps for us: from it an order that the database has lost can be made again."""
    return make_reference(
        order.partner.partner_no, order.store.store_no, order.partner_order_no, order.order_no
    )
