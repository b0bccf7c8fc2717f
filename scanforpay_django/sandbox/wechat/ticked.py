"""How the platform's files write a line."""

from collections.abc import Iterable

from scanforpay_django.sandbox.models import Trade

from .transaction import TRADE_TYPES


def ticked(values: Iterable[str]) -> str:
    """Every value behind a back-tick."""
    return ",".join(f"`{value}" for value in values)


def escaped(text: str) -> str:
    """A merchant's own text: a comma becomes a back-slash and a blank, a line end a back-slash and n. Source:
    pay.weixin.qq.com/doc/v3/merchant/4013071249, its third section.
    """
    return text.replace(",", "\\ ").replace("\n", "\\n")


def order_cells(trade: Trade) -> dict[str, str]:
    """The columns that the trade bill and the global statement fill alike."""
    return {
        "公众账号ID": trade.merchant.app_id,
        "商户号": trade.merchant.number,
        "微信订单号": trade.trade_no,
        "商户订单号": trade.out_trade_no,
        "用户标识": trade.payer.payer_id if trade.payer else "",
        "交易类型": TRADE_TYPES[trade.product],
        "付款银行": "OTHERS",
        "商品名称": escaped(trade.description),
        "商户数据包": escaped(str(trade.request.get("attach", ""))),
    }
