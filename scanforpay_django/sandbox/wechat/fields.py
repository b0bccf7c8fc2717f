"""What each call of API v3 takes: a field's name, the platform's word for it, required or not, type and length.

Each table has the page of the platform's documents that it follows, as github wechatpay-im/website (02feff7) catalogues
them; the chapters of Native, App and of a provider's calls are counted on from those. What is required of a store and
of a scene differs in the platform's own wechatpay-go (services/payments/h5/models.go), which is followed: it
is made from the platform's own description. Texts are counted in characters, but for order numbers, description, attach
and reason: refusals of the platform count their UTF-8 bytes.

Nothing here is shared with the wallets: with one table on both sides a wrong one would pass every test.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime

from scanforpay_django.sandbox.shape import (
    Rule,
    Shape,
    address,
    flag,
    group,
    number,
    objects,
    pattern,
    text,
    text_bytes,
    word,
    words,
)

DOCS = "https://pay.weixin.qq.com/wiki/doc/apiv3/wxpay/pay/transactions"
CODE = "https://pay.weixin.qq.com/docs/merchant/apis/code-payment-v3/direct"
PARTNER_CODE = "https://pay.weixin.qq.com/docs/partner/apis/partner-code-payment-v3/partner"


@dataclass(frozen=True, kw_only=True)
class Table:
    """What a call takes."""

    # the page that says so
    source: str
    fields: Shape


_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)", re.ASCII)


def read_time(value: str) -> datetime:
    """RFC 3339 without fractions, aware. Raises ValueError."""
    if not _RFC3339.fullmatch(value):
        raise ValueError(f"not RFC 3339: {value!r}")
    return datetime.fromisoformat(value)


def is_time(value: str) -> bool:
    """Whether ``value`` is RFC 3339 as the platform reads it."""
    try:
        return bool(read_time(value))
    except ValueError:
        return False


def is_date(value: str) -> bool:
    """Whether ``value`` is YYYY-MM-DD."""
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


# The expression that the platform's refusal of a notify_url quotes.
URL_FORM = r"https?://([^\s/?#\[\]\@]+\@)?([^\s/?#\@:]+)(?::\d{2,5})?([^\s?#\[\]]*)"
ORDER_NO = word(
    6, 32, r"[0-9a-zA-Z_\-\|\*]+", "must be 6 to 32 of 0-9 A-Z a-z _ - | *", required=True, label="商户订单号"
)
# Too long a number in a path is refused; what becomes of one that is too short is not published.
NUMBER_IN_PATH: Shape = {"out_trade_no": text_bytes(32, required=True, label="商户订单号")}
_CNY = pattern("CNY", "must be CNY", label="货币类型")
_GOODS: Shape = {
    "merchant_goods_id": text(32, required=True, label="商户侧商品编码"),
    "wechatpay_goods_id": text(32, label="微信侧商品编码"),
    "goods_name": text(256, label="商品名称"),
    "quantity": number(1, required=True, label="商品数量"),
    "unit_price": number(0, required=True, label="商品单价"),
}
# of the barcode pages alone
_GOODS_AT_TILL: Shape = {
    **{name: rule for name, rule in _GOODS.items() if name != "wechatpay_goods_id"},
    "wxpay_goods_id": text(32, label="微信支付商品编码"),
}
STORE: Shape = {
    "id": text(32, required=True, label="门店编号"),
    "name": text(256, label="门店名称"),
    "area_code": text(32, label="地区编码"),
    "address": text(512, label="详细地址"),
}
SCENE: Shape = {
    "payer_client_ip": text(45, required=True, label="用户终端IP"),
    "device_id": text(32, label="商户端设备号"),
    "store_info": group(STORE, label="商户门店信息"),
}
H5: Shape = {
    "type": pattern(
        "[A-Za-z0-9]{1,32}", "must be such as iOS, Android or Wap", required=True, label="场景类型"
    ),
    "app_name": text(64, label="应用名称"),
    "app_url": text(128, label="网站URL"),
    "bundle_id": text(128, label="iOS平台BundleID"),
    "package_name": text(128, label="Android平台PackageName"),
}
# what every order holds
WHAT: Shape = {
    "description": text_bytes(127, required=True, label="商品描述"),
    "attach": text_bytes(128, label="附加数据"),
    "out_trade_no": ORDER_NO,
    "goods_tag": text(32, label="订单优惠标记"),
    "support_fapiao": flag(label="电子发票入口开放标识"),
    "amount": group(
        {"total": number(1, required=True, label="总金额"), "currency": _CNY}, required=True, label="订单金额"
    ),
    "detail": group(
        {
            "cost_price": number(0, label="订单原价"),
            "invoice_id": text(32, label="商品小票ID"),
            "goods_detail": objects(_GOODS, label="单品列表"),
        },
        label="优惠功能",
    ),
    "settle_info": group({"profit_sharing": flag(label="是否指定分账")}, label="结算信息"),
}
TIME_EXPIRE = Rule(
    is_time, "must be RFC 3339, such as 2018-06-08T10:34:56+08:00", label="交易结束时间", type=str
)
# what is paid by the customer alone, later
WHEN: Shape = {
    "time_expire": TIME_EXPIRE,
    "notify_url": address(255, query=False, required=True, label="通知地址", form=URL_FORM),
}
_PAGE: Shape = {
    **WHEN,
    "limit_pay": words("no_balance", "no_credit", "no_debit", "balance_only", label="支付方式"),
    "scene_info": group(SCENE, label="场景信息"),
}
_PRODUCTS: dict[str, Shape] = {
    "jsapi": _PAGE,
    "native": _PAGE,
    "app": _PAGE,
    "h5": {
        **_PAGE,
        "scene_info": group(
            {**SCENE, "h5_info": group(H5, required=True, label="H5场景信息")},
            required=True,
            label="场景信息",
        ),
    },
    "codepay": {
        # 18 digits, 10 to 15 first
        "payer": group(
            {
                "auth_code": pattern(
                    "1[0-5][0-9]{16}", "must be 18 digits, 10 to 15 first", required=True, label="授权码"
                )
            },
            required=True,
            label="支付者",
        ),
        "scene_info": group(
            {
                "device_id": text(32, label="商户端设备号"),
                "device_ip": text(45, label="商户端设备 IP"),
                "store_info": group(
                    {"id": text(32, label="门店编号"), "out_id": text(32, label="商家自定义编码")},
                    required=True,
                    label="商户门店信息",
                ),
            },
            required=True,
            label="场景信息",
        ),
        "detail": group(
            {
                "cost_price": number(0, label="订单原价"),
                "invoice_id": text(32, label="商品小票ID"),
                "goods_detail": objects(_GOODS_AT_TILL, required=True, label="单品列表"),
            },
            label="优惠功能",
        ),
    },
}
MERCHANT: Shape = {
    "appid": text(32, required=True, label="公众号ID"),
    "mchid": text(32, required=True, label="直连商户号"),
}
PARTNER: Shape = {
    "sp_appid": text(32, required=True, label="服务商应用ID"),
    "sp_mchid": text(32, required=True, label="服务商户号"),
    "sub_appid": text(32, label="子商户应用ID"),
    "sub_mchid": text(32, required=True, label="子商户号"),
}
# At the till the provider's app may be left out.
PARTNER_AT_TILL: Shape = {**PARTNER, "sp_appid": text(32, label="合作伙伴应用AppID")}
ONE_OPENID: Shape = {"openid": text(128, required=True, label="用户标识")}
TWO_OPENIDS: Shape = {
    "sp_openid": text(128, label="用户服务标识"),
    "sub_openid": text(128, label="用户子标识"),
}
_PAGES = {
    "app": f"{DOCS}/chapter3_1.shtml",
    "jsapi": f"{DOCS}/chapter3_2.shtml",
    "native": f"{DOCS}/chapter3_3.shtml",
    "h5": f"{DOCS}/chapter3_4.shtml",
    "codepay": f"{CODE}/code-pay.html",
}
_PARTNER_PAGES = {
    "app": f"{DOCS}/chapter5_1.shtml",
    "jsapi": f"{DOCS}/chapter5_2.shtml",
    "native": f"{DOCS}/chapter5_3.shtml",
    "h5": f"{DOCS}/chapter5_4.shtml",
    "codepay": f"{PARTNER_CODE}/partner-code-pay.html",
}


def _order(product: str, *, partner: bool) -> Table:
    parties = MERCHANT
    if partner:
        parties = PARTNER_AT_TILL if product == "codepay" else PARTNER
    fields = {**parties, **WHAT, **_PRODUCTS[product]}
    if product == "jsapi":
        fields["payer"] = group(TWO_OPENIDS if partner else ONE_OPENID, required=True, label="支付者")
    return Table(source=(_PARTNER_PAGES if partner else _PAGES)[product], fields=fields)


# by product
ORDERS = {product: _order(product, partner=False) for product in _PRODUCTS}
PARTNER_ORDERS = {product: _order(product, partner=True) for product in _PRODUCTS}
CLOSE = Table(source=f"{DOCS}/chapter3_6.shtml", fields={"mchid": MERCHANT["mchid"]})
PARTNER_CLOSE = Table(
    source=f"{DOCS}/chapter5_6.shtml",
    fields={"sp_mchid": PARTNER["sp_mchid"], "sub_mchid": PARTNER["sub_mchid"]},
)
REVERSE = Table(source=f"{CODE}/reverse.html", fields=MERCHANT)
PARTNER_REVERSE = Table(source=f"{PARTNER_CODE}/partner-reverse.html", fields=PARTNER_AT_TILL)
