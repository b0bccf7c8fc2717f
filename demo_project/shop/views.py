"""A toy merchant: sells tea, sends its customers to pay, believes only signed notifications."""

import secrets

import requests
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from demo_project.shop.credentials import STORE_NO, address, client
from demo_project.shop.models import Sale
from scanforpay_django.client import ApiError, OrderStatus, RefundStatus, SignatureInvalid

TEAS = {
    "oolong": ("乌龙茶 · Oolong tea", 2100),
    "jasmine": ("茉莉花茶 · Jasmine tea", 1800),
    "puer": ("普洱茶 · Pu'er tea", 3250),
}

WALLETS = ("Wechat", "Alipay")


@require_GET
def front(request: HttpRequest) -> HttpResponse:
    """The shelf and the latest sales."""
    teas = [
        {"key": key, "title": title, "price": f"¥{amount / 100:.2f}"} for key, (title, amount) in TEAS.items()
    ]
    return render(request, "shop/front.html", {"teas": teas, "sales": Sale.objects.all()[:8]})


@require_POST
def buy(request: HttpRequest) -> HttpResponse:
    """Create the order at the API and send the customer to its pay page."""
    title, amount = TEAS.get(request.POST.get("tea", ""), TEAS["oolong"])
    asked = request.POST.get("wallet", "")
    wallet = asked if asked in WALLETS else "Any"
    sale = Sale.objects.create(
        number=f"tea{timezone.now():%Y%m%d%H%M%S}{secrets.randbelow(10**6):06}",
        title=title,
        amount=amount,
        wallet=wallet,
    )
    try:
        created = client().create_order(
            store_no=STORE_NO,
            partner_order_no=sale.number,
            wallet=wallet,
            amount=amount,
            title=title,
            notify_url=address(reverse("shop:notify")),
            return_url=address(reverse("shop:back")),
        )
    except (ApiError, SignatureInvalid, requests.RequestException) as error:
        return render(request, "shop/refused.html", {"sale": sale, "error": error}, status=502)
    Sale.objects.filter(pk=sale.pk).update(pay_url=created.pay_url)
    return redirect(created.pay_url)


@csrf_exempt
@require_POST
def notify(request: HttpRequest) -> HttpResponse:
    """The signed notification: the only thing that makes a sale paid."""
    try:
        status = client().read_notification(request.body)
    except SignatureInvalid as error:
        return HttpResponseBadRequest(str(error), content_type="text/plain")
    # A refund leaves the sale as it is.
    if isinstance(status, RefundStatus) or _mark_paid(status):
        return HttpResponse("success", content_type="text/plain")
    return HttpResponseBadRequest("this pays no sale", content_type="text/plain")


def _mark_paid(status: OrderStatus) -> bool:
    """Once, however often the notification comes; False where it is not a sale's full payment."""
    sale = Sale.objects.filter(number=status.partner_order_no).first() or _take_in(status)
    if sale is None or not status.is_paid:
        return False
    if (sale.number, sale.amount, sale.currency) != (status.partner_order_no, status.amount, status.currency):
        return False
    with transaction.atomic():
        paid = {"paid_at": timezone.now(), "wallet": status.wallet}
        Sale.objects.filter(pk=sale.pk, paid_at__isnull=True).update(**paid)
        Sale.objects.filter(pk=sale.pk).update(times_told=F("times_told") + 1)
    return True


def _take_in(status: OrderStatus) -> Sale | None:
    """An order that was made by hand, with curl say, comes into the list when the API says itself that it is paid."""
    try:
        asked = client().query_order(partner_order_no=status.partner_order_no)
    except (ApiError, SignatureInvalid, requests.RequestException):
        return None
    if not asked.is_paid:
        return None
    known = {"amount": asked.amount, "currency": asked.currency, "wallet": asked.wallet}
    title = gettext("created through the API")
    return Sale.objects.get_or_create(number=asked.partner_order_no, defaults={"title": title, **known})[0]


@csrf_exempt
def back(request: HttpRequest) -> HttpResponse:
    """The customer comes back; what the browser brings along proves nothing."""
    number = request.POST.get("partnerOrderNo") or request.GET.get("partnerOrderNo", "")
    if not Sale.objects.filter(number=number).exists():
        return redirect("shop:front")
    return redirect("shop:sale", number=number)


@require_GET
def sale(request: HttpRequest, number: str) -> HttpResponse:
    """One sale, live."""
    found = Sale.objects.filter(number=number).first()
    if found is None:
        return render(request, "shop/refused.html", {"error": gettext("There is no such sale.")}, status=404)
    return render(request, "shop/sale.html", {"sale": found, "price": f"¥{found.amount / 100:.2f}"})


@require_GET
def state(_request: HttpRequest, number: str) -> HttpResponse:
    """What the sale's page asks every second."""
    return JsonResponse({"paid": Sale.objects.filter(number=number, paid_at__isnull=False).exists()})
