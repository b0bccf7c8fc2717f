"""A shop that pays with django-payments, as its documentation shows it."""

from payments.models import BasePayment


class Payment(BasePayment):
    """One payment of the shop's."""

    class Meta:
        app_label = "payments_shop"

    def get_success_url(self) -> str:
        return f"/thanks/{self.pk}"

    def get_failure_url(self) -> str:
        return f"/again/{self.pk}"
