"""alipay.trade.wap.pay: not a call but a page, to which the browser is sent with signed parameters."""

from collections.abc import Mapping
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

from scanforpay_django import clock
from scanforpay_django.sandbox import payments, sheets
from scanforpay_django.sandbox.clock import wall_clock
from scanforpay_django.sandbox.models import App, Merchant, Trade
from scanforpay_django.sandbox.phone import get_user

from . import bodies, envelope, trading
from .envelope import Asked
from .errors import ApiError
from .notice import get_signer, signature
from .trade import amount_text

METHOD = "alipay.trade.wap.pay"


def page(request: HttpRequest, params: Mapping[str, str], app: Merchant) -> HttpResponse:
    """The cashier. The trade comes into being here; a refusal is a page too."""
    try:
        envelope.verify(params, app)
        asked = Asked(request=request, params=params, app=app, seller=envelope.find_seller(params, app))
        body = bodies.read_trade(params, "wap", asked.seller)
        trade = trading.make(asked, "wap", body, None)
    except ApiError as fault:
        return sheets.refusal(f"{fault.payload['sub_code']}: {fault.payload['sub_msg']}")
    payments.before_answer(trade, get_user(request))
    return sheets.show(trade, app=App.ALIPAY, cancel_url=body.get("quit_url", ""))


def return_url(trade: Trade) -> str:
    """Where the browser goes after paying: signed parameters, and no trade_status among them."""
    back = str(trade.request.get("return_url", ""))
    if not back:
        return ""
    app = trade.merchant.provider or trade.merchant
    fields = {
        "charset": "utf-8",
        "out_trade_no": trade.out_trade_no,
        "method": f"{METHOD}.return",
        "total_amount": amount_text(trade),
        "trade_no": trade.trade_no,
        "auth_app_id": trade.merchant.app_id,
        "version": "1.0",
        "app_id": app.app_id,
        "seller_id": trade.merchant.number,
        "timestamp": wall_clock(clock.now()),
    }
    sign = signature(fields, get_signer(trade.merchant))
    return f"{back}{'&' if '?' in back else '?'}{urlencode({**fields, 'sign_type': 'RSA2', 'sign': sign})}"
