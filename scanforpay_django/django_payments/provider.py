"""A provider of django-payments, which sends the customer to the pay page of an order.

::

    PAYMENT_VARIANTS = {
        "phone": ("scanforpay_django.django_payments.provider.ScanForPayProvider", {}),
    }

Source: django-payments 4.1, payments/core.py and payments/models.py.
"""

import hashlib
from decimal import Decimal
from typing import Any, NoReturn

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from payments import PaymentError, PaymentStatus, RedirectNeeded
from payments.core import BasicProvider

from scanforpay_django import checkout, money
from scanforpay_django.django_payments.payment_state import METADATA_KEY, record_order
from scanforpay_django.exceptions import OrderNotFound, ScanForPayError
from scanforpay_django.models import Order

#: of an order that can still be paid
_PAYABLE = (PaymentStatus.WAITING, PaymentStatus.INPUT)
MAX_TITLE = 100


class ScanForPayProvider(BasicProvider):  # type: ignore[misc]
    """``store``: a store's number; the only active one by default. ``wallet``: its name on the wire; by default the
    customer pays with any wallet that the store has.
    """

    def __init__(self, store: str = "", wallet: str = "", *, capture: bool = True) -> None:
        if not capture:
            raise ImproperlyConfigured("These wallets take payments at once: leave out capture=False.")
        super().__init__(capture=capture)
        self._store, self._wallet = store or None, wallet or None

    def get_form(self, payment: Any, data: object = None) -> NoReturn:
        """There is no form: raises RedirectNeeded with the address of the pay page, or with the payment's own pages
        where there is nothing to pay any more. Raises PaymentError.
        """
        if payment.status == PaymentStatus.CONFIRMED:
            raise RedirectNeeded(payment.get_success_url())
        order = self._create(payment)
        if order.state in (Order.State.CLOSED, Order.State.EXPIRED) or payment.status not in _PAYABLE:
            record_order(order)
            raise RedirectNeeded(payment.get_failure_url())
        if payment.status == PaymentStatus.WAITING:
            payment.transaction_id = order.order_no
            payment.save(update_fields=["transaction_id"])
            payment.change_status(PaymentStatus.INPUT)
        raise RedirectNeeded(order.pay_url)

    def process_data(self, payment: Any, request: HttpRequest) -> HttpResponse:
        """The customer comes back. That proves nothing: what the order says counts."""
        order = self._find(payment)
        if order is not None:
            record_order(order)
            payment.refresh_from_db()
        is_paid = payment.status == PaymentStatus.CONFIRMED
        return HttpResponseRedirect(payment.get_success_url() if is_paid else payment.get_failure_url())

    def refund(self, payment: Any, amount: Decimal | None = None) -> Decimal:
        """Have it given back, all that is left by default: the worker submits it to the platform. How much, in major
        units. The same refund asked for twice at once, or again by who died before its amount was written down, is
        one. Raises PaymentError.
        """
        order = self._find(payment)
        if order is None:
            raise PaymentError("The payment has no order.")
        try:
            refund = checkout.refund(order, amount, number=_refund_number(payment))
        except ScanForPayError as error:
            raise PaymentError(str(error)) from error
        return Decimal(money.to_major(refund.amount, refund.currency))

    def cancel(self, payment: Any) -> None:
        """Close the order. Called outside a transaction. Raises PaymentError for one that was paid meanwhile."""
        order = self._find(payment)
        if order is None:
            return
        try:
            order = checkout.close(order)
        except ScanForPayError as error:
            raise PaymentError(str(error)) from error
        if order.paid_at is not None:
            record_order(order)
            raise PaymentError("The payment was made meanwhile.")

    def capture(self, payment: Any, amount: Decimal | None = None) -> NoReturn:
        """Raises PaymentError: these wallets take payments at once."""
        raise PaymentError("These wallets take payments at once.")

    def release(self, payment: Any) -> NoReturn:
        """Raises PaymentError: nothing is reserved."""
        raise PaymentError("These wallets reserve nothing: refund the payment.")

    def _create(self, payment: Any) -> Order:
        if not payment.token:
            payment.save()
        try:
            return checkout.create(
                number=_number(payment),
                amount=payment.total,
                currency=payment.currency,
                title=" ".join(payment.description.split())[:MAX_TITLE],
                return_url=self.get_return_url(payment),
                store=self._store,
                wallet=self._wallet,
                metadata={METADATA_KEY: payment.token},
            )
        except ScanForPayError as error:
            raise PaymentError(str(error)) from error

    def _find(self, payment: Any) -> Order | None:
        """None for a payment whose customer was never sent to pay."""
        try:
            return checkout.get(_number(payment), store=self._store)
        except OrderNotFound:
            return None


def _number(payment: Any) -> str:
    """The token is a UUID, and unique; an order's number has 32 characters at most."""
    return str(payment.token).replace("-", "")


def _refund_number(payment: Any) -> str:
    """django-payments has no number for a refund: what is captured before it tells it from the next one."""
    text = f"{payment.token} {payment.captured_amount.normalize():f}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]
