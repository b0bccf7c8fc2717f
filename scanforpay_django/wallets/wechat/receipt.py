"""The Gold Plan's merchant receipt: what WeChat frames after a payment through a service provider.

WeChat closes our own page then. It opens the address that is registered with the provider and adds sub_mch_id,
out_trade_no and check_code; the page has three seconds to say that it is ready. Source: "Gold Plan product
description v2" (wx.gtimg.com/pay/download/goldplan).
"""

import hashlib
import hmac
import re
from collections.abc import Mapping

from scanforpay_django.wallets.base import Receipt, read_script
from scanforpay_django.wallets.receipt import ReceiptRequest

_NUMBER = re.compile(r"[A-Za-z0-9]{1,32}")


def check_code(link: str, sub_mchid: str, out_trade_no: str, transaction_id: str) -> str:
    """What WeChat adds to ``link`` to show that the numbers are its own: MD5, with a number that is not shown."""
    text = f"{link}?sub_mch_id={sub_mchid}&out_trade_no={out_trade_no}&transaction_id={transaction_id}"
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324 (WeChat's choice)


class GoldPlanReceipt(Receipt):
    """WeChat's own page frames it and is the only one that may."""

    frame_origin = "https://payapp.weixin.qq.com"
    script = read_script(__file__, "receipt.js")

    def read(self, params: Mapping[str, str]) -> ReceiptRequest | None:
        """The three parameters that WeChat adds."""
        number = params.get("out_trade_no", "")
        if not _NUMBER.fullmatch(number):
            return None
        return ReceiptRequest(
            out_trade_no=number,
            check_code=params.get("check_code", ""),
            merchant=params.get("sub_mch_id", ""),
        )

    def is_for(self, request: ReceiptRequest, config: Mapping[str, str]) -> bool:
        """Whether the account collects for the merchant that WeChat names."""
        return bool(request.merchant) and config.get("sub_mchid") == request.merchant

    def is_verified(self, request: ReceiptRequest, link: str, trade_no: str) -> bool:
        """Only WeChat and we know the transaction's number."""
        if not trade_no:
            return False
        wanted = check_code(link, request.merchant, request.out_trade_no, trade_no)
        return hmac.compare_digest(wanted.encode(), request.check_code.lower().encode())
