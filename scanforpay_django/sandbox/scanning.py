"""Codes a customer scans, and pages to which the platforms' own addresses lead."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from scanforpay_django import clock
from scanforpay_django.conf import conf

from . import sheets
from .gate import door
from .models import Platform, Prepay, Trade
from .shape import ShapeError, check, text
from .wechat.api import NATIVE_SCHEME
from .wechat.bridge import find_prepay

LEAVE_SECONDS = 5
# A qr_code has the host at which the merchant asked: qr.alipay.com, or where the sandbox is.
_CODE = re.compile(rf"{re.escape(NATIVE_SCHEME)}(?P<native>.+)|https?://[^?#]+/(?P<qr>bax[0-9a-f]+)")


def find_trade(params: Mapping[str, Any]) -> Trade:
    """The trade behind a code: a code_url of WeChat, a qr_code of Alipay. Scanning opens it."""
    check(params, {"code": text(512, required=True)})
    found = _CODE.fullmatch(str(params["code"]))
    if found is None:
        raise ShapeError("code", "is no code of this sandbox")
    prepay = _alive("native" if found["native"] else "precreate", found["native"] or found["qr"])
    if prepay is None:
        raise ShapeError("code", "is unknown or too old")
    return open_trade(prepay.trade)


def _alive(product: str, prepay_id: str) -> Prepay | None:
    prepay = find_prepay(prepay_id)
    if prepay is None or prepay.trade.product != product or prepay.expires_at <= clock.now():
        return None
    return prepay


def open_trade(trade: Trade) -> Trade:
    """Somebody has come: from now on the trade exists, at Alipay, where it did not before."""
    if trade.opened_at is None:
        trade.opened_at = clock.now()
        Trade.objects.filter(pk=trade.pk, opened_at=None).update(opened_at=trade.opened_at)
    return trade


@require_GET
@door
def scan(request: HttpRequest) -> HttpResponse:
    """GET scan?code=: what the app shows after scanning."""
    try:
        return sheets.show(find_trade({"code": request.GET.get("code", "")}))
    except ShapeError as error:
        return sheets.refusal(str(error))


@require_GET
@door
def alipay_qr(request: HttpRequest, token: str) -> HttpResponse:  # noqa: ARG001
    """GET alipay/qr/{token}: the qr_code's own address."""
    prepay = _alive("precreate", token)
    return (
        sheets.show(open_trade(prepay.trade)) if prepay else sheets.refusal("the code is unknown or too old")
    )


@require_GET
@door
def wechat_h5(request: HttpRequest) -> HttpResponse:
    """GET checkmweb?prepay_id=&package=[&redirect_url=]: comes from a page of the registered domain, in time."""
    host = urlsplit(conf.base_url).netloc
    try:
        came_from = urlsplit(request.headers.get("Referer", "")).netloc
        back = request.GET.get("redirect_url", "")
        back_host = urlsplit(back).netloc if back else host
    except ValueError:
        came_from = back_host = back = ""
    if came_from != host:
        return sheets.refusal("商家参数格式有误，请联系商家解决 (no Referer of the registered H5 domain)")
    if back_host != host:
        return sheets.refusal("redirect_url is not of the registered H5 domain")
    prepay = _alive("h5", request.GET.get("prepay_id", ""))
    if prepay is None or request.GET.get("package") != str(prepay.pk):
        return sheets.refusal("支付请求已失效，请重新发起支付 (h5_url is unknown or older than five minutes)")
    return sheets.show(prepay.trade, next_url=back, leave_seconds=LEAVE_SECONDS if back else 0)


@require_GET
@door
def sheet(request: HttpRequest, trade_id: int) -> HttpResponse:  # noqa: ARG001
    """GET trade/{id}: the sheet of any trade, as an app shows what waits for confirmation."""
    trade = Trade.objects.select_related("merchant").filter(pk=trade_id).first()
    if trade is None or trade.merchant.app not in Platform.values:
        return sheets.refusal("there is no such trade")
    return sheets.show(open_trade(trade))
