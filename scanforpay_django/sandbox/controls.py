"""What the sandbox's page can do: arm faults, end refunds that hang."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from . import faults, payments
from .gate import door
from .models import Merchant, Refund, Trade


@require_POST
@door
def faults_form(request: HttpRequest) -> HttpResponse:
    """POST faults: arm one, or clear them all. A form is sent back to the page, JSON is answered in JSON.

    name, count, seconds, operation; merchant (its number), trade (its out_trade_no), phone_user; clear.
    """
    as_json = request.content_type == "application/json"
    try:
        given = read_given(request, as_json)
        if given.get("clear"):
            faults.clear()
        else:
            _arm(given)
    except (faults.FaultError, ValueError, TypeError) as problem:
        return HttpResponseBadRequest(str(problem), content_type="text/plain; charset=utf-8")
    return (
        JsonResponse({"result": "ok"})
        if as_json
        else HttpResponseRedirect(reverse("scanforpay_sandbox:home"))
    )


def read_given(request: HttpRequest, as_json: bool) -> dict[str, Any]:
    """What a form or a JSON object names. Raises ValueError."""
    given = json.loads(request.body) if as_json else request.POST.dict()
    if not isinstance(given, dict):
        raise faults.FaultError("not a JSON object")
    return given


def _arm(given: dict[str, Any]) -> None:
    number, out_trade_no = str(given.get("merchant", "")), str(given.get("trade", ""))
    merchant = Merchant.objects.filter(number=number).first() if number else None
    trade = Trade.objects.filter(out_trade_no=out_trade_no).order_by("-pk").first() if out_trade_no else None
    if (number and merchant is None) or (out_trade_no and trade is None):
        raise faults.FaultError("there is no such merchant or trade")
    faults.arm(
        str(given.get("name", "")),
        count=int(given.get("count") or 1),
        trade=trade,
        merchant=merchant,
        phone_user=str(given.get("phone_user", "")),
        operation=str(given.get("operation", "")),
        seconds=str(given.get("seconds", "")),
    )


@require_POST
@door
def finish_refund(request: HttpRequest, refund_id: int) -> HttpResponse:
    """POST refunds/{id}/finish: state SUCCESS, CLOSED or ABNORMAL for a refund that has not ended."""
    state = request.POST.get("state", "")
    refund = Refund.objects.select_related("trade__merchant__provider", "trade__sub_merchant").filter(
        pk=refund_id
    )
    found = refund.first()
    if found is None or state not in ("SUCCESS", "CLOSED", "ABNORMAL"):
        return HttpResponseBadRequest("there is no such refund or state", content_type="text/plain")
    payments.finish_refund(found, state)
    return HttpResponseRedirect(reverse("scanforpay_sandbox:home"))
