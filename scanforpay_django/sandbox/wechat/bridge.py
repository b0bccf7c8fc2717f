"""getBrandWCPayRequest: what the app checks before it shows the sheet.

paySign signs appId, timeStamp, nonceStr and package, each ended by a line feed, with the key of the order
call.
"""

import re
from collections.abc import Mapping
from typing import Any

from scanforpay_django import clock
from scanforpay_django.sandbox.keys import cached_public_key
from scanforpay_django.sandbox.models import Prepay, Trade
from scanforpay_django.sandbox.shape import ShapeError, check, pattern, text
from scanforpay_django.wallets.rsa import rsa_verify

PARAMETERS = {
    "appId": text(32, required=True),
    # a string: iOS fails on numbers
    "timeStamp": pattern(r"[0-9]{10}", "must be a string of seconds", required=True),
    "nonceStr": text(32, required=True),
    "package": pattern(r"prepay_id=.{1,64}", "must be prepay_id=...", required=True),
    "signType": pattern("RSA", "must be RSA", required=True),
    "paySign": text(512, required=True),
}


def find_trade(params: Mapping[str, Any]) -> Trade:
    """The trade to which a bridge call leads. Raises ShapeError with what the app would say."""
    check(params, PARAMETERS)
    prepay_id = re.sub("^prepay_id=", "", params["package"])
    prepay = find_prepay(prepay_id)
    seller = prepay.trade.merchant if prepay else None
    if prepay is None or seller is None or params["appId"] not in _apps(prepay.trade):
        raise ShapeError("package", "there is no such prepay_id for this appId")
    message = "".join(f"{params[name]}\n" for name in ("appId", "timeStamp", "nonceStr", "package")).encode()
    if not rsa_verify(cached_public_key(seller.public_key), message, params["paySign"]):
        raise ShapeError("paySign", "支付验证签名失败 (the signature does not verify)")
    if prepay.expires_at <= clock.now():
        raise ShapeError("package", "the prepay_id is older than two hours")
    return prepay.trade


def find_prepay(prepay_id: str) -> Prepay | None:
    """The prepay_id, h5_url or code_url of this number."""
    rows = Prepay.objects.filter(prepay_id=prepay_id)
    return rows.select_related(
        "trade__merchant__provider", "trade__sub_merchant", "trade__payer__merchant"
    ).first()


def _apps(trade: Trade) -> list[str]:
    """The app whose openid the order named: only there the page may call the wallet."""
    if trade.product != "jsapi":
        return []
    return [trade.payer.merchant.app_id if trade.payer else trade.merchant.app_id]
