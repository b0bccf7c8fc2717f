"""An order and a payment of django-getpaid behind the same signature."""

from decimal import Decimal

from django.http import HttpRequest, HttpResponse, JsonResponse

from benchmarks.shops.models import GetpaidOrder, GetpaidPayment
from benchmarks.shops.views import proven_body


def create(request: HttpRequest) -> HttpResponse:
    """Its rows, and what its backend prepares for the customer, its address: no paywall is called."""
    body = proven_body(request.body)
    order = GetpaidOrder.objects.create(
        partner_order_no=body["partnerOrderNo"], amount=body["orderAmount"], title=body["orderTitle"]
    )
    payment = GetpaidPayment.objects.create(
        order=order,
        amount_required=Decimal(body["orderAmount"]) / 100,
        currency=body["currency"],
        backend="benchmarks.shops.getpaid_backend",
        description=body["orderTitle"],
    )
    there = payment.prepare_transaction(request)
    return JsonResponse({"code": 1, "payUrl": there["Location"], "orderNo": str(order.pk)})
