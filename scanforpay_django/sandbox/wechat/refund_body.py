"""What a refund of API v3 takes, of a direct merchant and of a service provider."""

from scanforpay_django.sandbox.shape import (
    Shape,
    address,
    group,
    number,
    objects,
    pattern,
    text,
    text_bytes,
    word,
)

from .fields import URL_FORM, Table

_AMOUNT: Shape = {
    "refund": number(1, required=True, label="退款金额"),
    "total": number(1, required=True, label="原订单金额"),
    "currency": pattern("[A-Z]{3}", "must be a currency code", required=True, label="退款币种"),
    "from": objects(
        {
            "account": pattern(
                "AVAILABLE|UNAVAILABLE",
                "must be AVAILABLE or UNAVAILABLE",
                required=True,
                label="出资账户类型",
            ),
            "amount": number(1, required=True, label="出资金额"),
        },
        label="退款出资账户及金额",
    ),
}
_REFUNDED_GOODS: Shape = {
    "merchant_goods_id": text(32, required=True, label="商户侧商品编码"),
    "wechatpay_goods_id": text(32, label="微信侧商品编码"),
    "goods_name": text(256, label="商品名称"),
    "unit_price": number(0, required=True, label="商品单价"),
    "refund_amount": number(0, required=True, label="商品退款金额"),
    "refund_quantity": number(1, required=True, label="商品退货数量"),
}
REFUND: Shape = {
    "transaction_id": text(32, label="微信支付订单号"),
    "out_trade_no": text(32, label="商户订单号"),
    "out_refund_no": word(
        1,
        64,
        r"[0-9A-Za-z_\-\|\*@]+",
        "must be 1 to 64 of 0-9 A-Z a-z _ - | * @",
        required=True,
        label="商户退款单号",
    ),
    "reason": text_bytes(80, label="退款原因"),
    "notify_url": address(256, query=False, label="退款结果回调url", form=URL_FORM),
    "funds_account": pattern("AVAILABLE|UNSETTLED", "must be AVAILABLE", label="退款资金来源"),
    "amount": group(_AMOUNT, required=True, label="金额信息"),
    "goods_detail": objects(_REFUNDED_GOODS, label="退款商品"),
}
TABLE = Table(source="https://pay.weixin.qq.com/docs/merchant/apis/refund/refunds/create.html", fields=REFUND)
# A card and a name come sealed: base64 of what the platform's key opens. Source: create-abnormal-refund.html beside it.
_REDIRECT: Shape = {
    "out_refund_no": text(64, required=True, label="商户退款单号"),
    "type": pattern(
        "USER_BANK_CARD|MERCHANT_BANK_CARD",
        "must be USER_BANK_CARD or MERCHANT_BANK_CARD",
        required=True,
        label="异常退款处理方式",
    ),
    "bank_type": text(16, label="开户银行"),
    "bank_account": text(1024, label="收款银行卡号"),
    "real_name": text(1024, label="收款用户姓名"),
}
REDIRECT_TABLE = Table(
    source="https://pay.weixin.qq.com/docs/merchant/apis/refund/refunds/create-abnormal-refund.html",
    fields=_REDIRECT,
)
PARTNER_REDIRECT_TABLE = Table(
    source="https://pay.weixin.qq.com/docs/partner/apis/refund/refunds/create-abnormal-refund.html",
    fields={**_REDIRECT, "sub_mchid": text(32, required=True, label="子商户号")},
)
PARTNER_TABLE = Table(
    source="https://pay.weixin.qq.com/docs/partner/apis/refund/refunds/create.html",
    fields={**REFUND, "sub_mchid": text(32, required=True, label="子商户号")},
)
