"""A payment of django-payments behind the same signature."""

from decimal import Decimal

from django.http import HttpRequest, HttpResponse, JsonResponse
from payments import get_payment_model

from benchmarks.shops.views import proven_body


def create(request: HttpRequest) -> HttpResponse:
    """Its row, and what its provider gives the customer: a redirecting provider tells its address there."""
    body = proven_body(request.body)
    payment = get_payment_model().objects.create(
        variant="default",
        total=Decimal(body["orderAmount"]) / 100,
        currency=body["currency"],
        description=body["orderTitle"],
        transaction_id=body["partnerOrderNo"],
    )
    payment.get_form()
    return JsonResponse({"code": 1, "payUrl": payment.get_process_url(), "orderNo": str(payment.pk)})
