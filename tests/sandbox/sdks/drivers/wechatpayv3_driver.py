"""Calls wechatpayv3: https://github.com/minibear2021/wechatpayv3"""

import gzip
import json

from lines import serve
from wechatpayv3 import WeChatPay, WeChatPayType

TYPES = {
    "native": WeChatPayType.NATIVE,
    "jsapi": WeChatPayType.JSAPI,
    "h5": WeChatPayType.H5,
    "app": WeChatPayType.APP,
    "codepay": WeChatPayType.CODEPAY,
}
pay = None
parties = {}


def start(config, secrets, partner, **_more):
    """Each call of a service provider names the sub-merchant."""
    global pay, parties
    public = {"public_key": config.get("public_key"), "public_key_id": config.get("public_key_id")}
    pay = WeChatPay(
        wechatpay_type=WeChatPayType.NATIVE,
        mchid=config["mchid"],
        private_key=secrets["private_key"],
        cert_serial_no=config["serial_no"],
        appid=config["appid"],
        apiv3_key=secrets["apiv3_key"],
        partner_mode=partner,
        **(public if config.get("public_key") else {}),
    )
    parties = {"sub_mchid": config["sub_mchid"]} if partner else {}


def _read(answer):
    status, text = answer
    return {"status": status, "body": json.loads(text) if text else None}


def create(product, order):
    """A transaction of this product."""
    return _read(pay.pay(pay_type=TYPES[product], **order, **parties))


def query(**numbers):
    """By out_trade_no or transaction_id."""
    return _read(pay.query(**numbers, **parties))


def close(out_trade_no):
    """204, its signature verified."""
    return _read(pay.close(out_trade_no, **parties))


def reverse(out_trade_no):
    """Take a barcode payment back."""
    return _read(pay.codepay_reverse(out_trade_no, **parties))


def refund(wanted):
    """Ask for a refund."""
    return _read(pay.refund(**wanted, **parties))


def refund_query(out_refund_no):
    """How a refund stands."""
    return _read(pay.query_refund(out_refund_no, **parties))


def bill(day):
    """The file of a day, unpacked, beside what announced it."""
    told = _read(pay.trade_bill(day, **parties))
    if told["status"] != 200:
        return told
    status, packed = pay.download_bill(told["body"]["download_url"])
    return {"status": status, "body": {**told["body"], "text": gzip.decompress(packed).decode()}}


def notification(headers, body):
    """The verified and opened notification, None when it is not genuine."""
    return pay.callback(headers, body)


def bridge(prepay_id, timestamp, nonce):
    """paySign for the app."""
    return pay.sign([pay._appid, timestamp, nonce, f"prepay_id={prepay_id}"])


serve({
    "start": start, "create": create, "query": query, "close": close, "reverse": reverse, "refund": refund,
    "refund_query": refund_query, "bill": bill, "notification": notification, "bridge": bridge,
})  # fmt: skip
