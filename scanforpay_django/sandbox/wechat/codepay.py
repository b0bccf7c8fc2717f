"""Merchant scans customer: the barcode pays at once, or when the customer has typed their password.

The last digit of the barcode says what the customer does: 0 is refused, 1 has to be confirmed on the
sandbox's page, any other pays at once.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.views.decorators.http import require_POST

from scanforpay_django.sandbox import payments, trades
from scanforpay_django.sandbox.models import Merchant, Trade
from scanforpay_django.sandbox.phone import payer_at

from . import order_body
from .answers import Accepted
from .api import api_call, create, find, known
from .errors import ApiError
from .modes import Mode, check_mode, find_sub_merchant
from .transaction import transaction


@require_POST
@api_call("create")
def codepay(request: HttpRequest, merchant: Merchant, mode: Mode) -> Mapping[str, Any]:
    """POST transactions/codepay: the paid transaction, or 202 while the customer types their password."""
    check_mode(merchant, mode)
    wanted = order_body.read_order(request.body, merchant, mode, "codepay")
    code = wanted["payer"]["auth_code"]
    trade = find(merchant, wanted["out_trade_no"])
    if trade is None:
        payer = payer_at(merchant, hashlib.sha256(f"barcode {code}".encode()).hexdigest()[:32])
        trade = create(merchant, mode, "codepay", wanted, payer)
        _scan(trade, code)
    elif trade.request != wanted:
        raise ApiError("INVALID_REQUEST", "The same out_trade_no was used with other parameters.")
    if trade.state == Trade.State.FAILED:
        raise ApiError("AUTH_CODE_INVALID", "付款码无效")
    if trade.is_open:
        # The answer has nothing else. Source: pay.weixin.qq.com/doc/v3/merchant/4012525109, "codepay", its answers.
        return Accepted({"trade_state": "USERPAYING"})
    return transaction(trade)


def _scan(trade: Trade, code: str) -> None:
    if code.endswith("0"):
        trades.fail(trade)
    elif not code.endswith("1"):
        payments.pay(trade, "")


@require_POST
@api_call("cancel")
def reverse(request: HttpRequest, merchant: Merchant, mode: Mode, out_trade_no: str) -> Mapping[str, Any]:
    """POST out-trade-no/{out_trade_no}/reverse: the parties and the number; refused while the customer is paying."""
    order_body.check_number(out_trade_no)
    parties = order_body.read_reverse(request.body, merchant, mode)
    sub = find_sub_merchant(merchant, parties["sub_mchid"]) if mode.partner else None
    trade = known(find(merchant, out_trade_no), sub)
    if trade.product != "codepay":
        raise ApiError("INVALID_REQUEST", "Only a barcode payment can be reversed.")
    if trade.is_open:
        raise ApiError("USERPAYING", "用户支付中，请稍后再试")
    trades.revoke(trade)
    return {**parties, "out_trade_no": out_trade_no}
