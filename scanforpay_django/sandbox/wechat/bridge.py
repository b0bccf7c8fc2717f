"""getBrandWCPayRequest: what the app checks before it shows the sheet.

paySign signs appId, timeStamp, nonceStr and package, each ended by a line feed, with the key of the order
call.
"""

import re
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

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


def trade_of(params: Mapping[str, Any]) -> Trade:
    """The trade to which a bridge call leads. Raises ShapeError with what the app would say."""
    check(params, PARAMETERS)
    prepay_id = re.sub("^prepay_id=", "", params["package"])
    rows = Prepay.objects.select_related("trade__merchant", "trade__payer").filter(prepay_id=prepay_id)
    prepay = rows.first()
    if prepay is None or prepay.trade.merchant.app_id != params["appId"]:
        raise ShapeError("package", "there is no such prepay_id for this appId")
    message = "".join(f"{params[name]}\n" for name in ("appId", "timeStamp", "nonceStr", "package")).encode()
    if not rsa_verify(cached_public_key(prepay.trade.merchant.public_key), message, params["paySign"]):
        raise ShapeError("paySign", "支付验证签名失败 (the signature does not verify)")
    if prepay.expires_at <= timezone.now():
        raise ShapeError("package", "the prepay_id is older than two hours")
    return prepay.trade
