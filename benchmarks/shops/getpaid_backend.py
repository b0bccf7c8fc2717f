"""A backend of django-getpaid that sends the customer to an address, as its own for GET does."""

from typing import Any

from django.http import HttpResponseRedirect
from getpaid.processor import BaseProcessor


class PaymentProcessor(BaseProcessor):
    """Prepares the payment; calls nobody."""

    slug = "address"
    display_name = "Address"
    accepted_currencies = ["CNY"]

    def prepare_transaction(self, request: Any, view: Any = None, **_: Any) -> HttpResponseRedirect:
        """The payment's next state, and where its customer goes."""
        self.payment.confirm_prepared()
        self.payment.save()
        return HttpResponseRedirect(f"https://pay.example.com/{self.payment.pk}")
