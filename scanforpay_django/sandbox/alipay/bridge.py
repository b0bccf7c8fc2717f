"""tradePay: what the app checks before it shows the sheet."""

from collections.abc import Mapping
from typing import Any

from scanforpay_django.sandbox.models import Platform, Trade
from scanforpay_django.sandbox.shape import ShapeError, check, text

PARAMETERS = {"tradeNO": text(64, required=True)}


def find_trade(params: Mapping[str, Any]) -> Trade:
    """The trade to which a bridge call leads. Raises ShapeError with what the app would say."""
    check(params, PARAMETERS)
    rows = Trade.objects.filter(merchant__app=Platform.ALIPAY, product="create", trade_no=params["tradeNO"])
    trade = rows.select_related("merchant__provider", "payer__merchant").first()
    if trade is None:
        raise ShapeError("tradeNO", "there is no such trade")
    return trade
