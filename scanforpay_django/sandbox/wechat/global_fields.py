"""What each call of WeChat Pay HK takes. Source: pay.weixin.qq.com/wiki/doc/api_external, the page of each call.

The pages of JSAPI, Native and App hold the same table as the one of MWEB, but for the store, which MWEB alone requires.
Merchants and institutions have one path and differ in the parties.
"""

from scanforpay_django.sandbox.shape import Rule, Shape, group, number, objects, pattern, text

from .fields import (
    MERCHANT,
    ONE_OPENID,
    PARTNER,
    TWO_OPENIDS,
    WHAT,
    WHEN,
    Table,
    is_time,
)
from .refund_body import REFUND

DOCS = "https://pay.weixin.qq.com/wiki/doc/api_external/ch/apis"
_CURRENCY = pattern(
    "CNY|HKD|USD|EUR|GBP|JPY", "must be a currency of this API", required=True, label="货币类型"
)
_GLOBAL_GOODS: Shape = {
    "goods_id": text(32, required=True, label="商品编码"),
    "wxpay_goods_id": text(32, label="微信侧商品编码"),
    "goods_name": text(256, label="商品名称"),
    "quantity": number(1, required=True, label="商品数量"),
    "price": number(0, required=True, label="商品单价"),
}
_DETAIL: Shape = {
    "cost_price": number(0, label="订单原价"),
    "receipt_id": text(32, label="商品小票ID"),
    "goods_detail": objects(_GLOBAL_GOODS, label="单品列表"),
}
_STORE: Shape = {
    "id": text(32, label="编号"),
    "name": text(256, required=True, label="名称"),
    "address": text(512, required=True, label="详细地址"),
}
_SCENE: Shape = {
    "payer_client_ip": text(45, required=True, label="用户终端IP"),
    "device_id": text(32, label="商户端设备号"),
    "device_ip": text(45, label="商户端设备IP"),
    "operator_id": text(32, label="操作员ID"),
}
_ORDER: Shape = {
    **{name: WHAT[name] for name in ("description", "attach", "out_trade_no", "goods_tag")},
    **WHEN,
    "trade_type": pattern(
        "JSAPI|NATIVE|APP|MWEB", "must be JSAPI, NATIVE, APP or MWEB", required=True, label="交易类型"
    ),
    "merchant_category_code": pattern("[0-9]{4}", "must be four digits", required=True, label="MCC码"),
    "amount": group(
        {"total": number(1, required=True, label="总金额"), "currency": _CURRENCY},
        required=True,
        label="订单金额",
    ),
    "time_start": Rule(is_time, "must be RFC 3339", label="交易起始时间", type=str),
    # one word here, and no list
    "limit_pay": pattern("no_credit", "must be no_credit", label="指定支付方式"),
    "detail": objects(_DETAIL, label="优惠功能"),
}


def _order(product: str, *, partner: bool) -> Table:
    is_h5 = product == "h5"
    scene = {**_SCENE, "store_info": group(_STORE, required=is_h5, label="商户门店信息")}
    fields: dict[str, Rule] = {
        **(PARTNER if partner else MERCHANT),
        **_ORDER,
        "scene_info": group(scene, required=is_h5, label="场景信息"),
    }
    if product == "jsapi":
        fields["payer"] = group(TWO_OPENIDS if partner else ONE_OPENID, required=True, label="支付者")
    return Table(source=f"{DOCS}/chapter3_4_1.shtml", fields=fields)


_PRODUCTS = ("jsapi", "native", "app", "h5")
# by product
ORDERS = {product: _order(product, partner=False) for product in _PRODUCTS}
INSTITUTION_ORDERS = {product: _order(product, partner=True) for product in _PRODUCTS}
_REFUND: Shape = {**REFUND, "source": text(32, label="退款资金来源")}
# who collects and for which app is required: "Submit refund"
REFUNDS = Table(source=f"{DOCS}/chapter3_1_1.shtml", fields={**_REFUND, **MERCHANT})
INSTITUTION_REFUNDS = Table(source=REFUNDS.source, fields={**_REFUND, **PARTNER})
