"""The measure: the same row with its store, as many indexed SELECTs as ours has statements, one plain template."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from scanforpay_django.models import Order, WalletAccount


def bare(request: HttpRequest, queries: int, token: str) -> HttpResponse:
    """A page of one language and one state, with the same style and script in it."""
    order = get_object_or_404(Order.objects.select_related("store"), token=token)
    for _ in range(queries - 1):
        WalletAccount.objects.filter(store_id=order.store_id).first()
    return render(request, "bare.html", {"order": order, "amount": f"{order.amount / 100:.2f}"})
