"""The wire's words: headers, and an order as answers and notifications show it. Pure."""

import uuid
from datetime import datetime
from typing import Any, Protocol

from django.utils import timezone

from scanforpay_django import clock
from scanforpay_django.codes import Code

VERSION = "1.0"
#: what the field ``wallet`` may name by the published API
PUBLISHED_WALLETS = ("Wechat", "Alipay", "AlipayHK")
#: ours besides: the customer pays with any wallet that the store has, and the order takes that one's name
ANY_WALLET = "Any"
REFUND_FAILED = 2


class WireRefund(Protocol):
    """What of a refund the wire shows."""

    @property
    def refund_no(self) -> str: ...

    @property
    def order(self) -> "WireOrder": ...

    @property
    def amount(self) -> int: ...

    @property
    def currency(self) -> str: ...

    def status(self) -> int:
        """0 in progress, 1 refunded, 2 failed."""


class WireOrder(Protocol):
    """What of an order the wire shows."""

    @property
    def order_no(self) -> str: ...

    @property
    def partner_order_no(self) -> str: ...

    @property
    def amount(self) -> int: ...

    @property
    def currency(self) -> str: ...

    @property
    def wallet(self) -> str: ...

    @property
    def paid_at(self) -> datetime | None: ...

    def status(self) -> int:
        """0 to be paid, 1 success, 2 failed, 3 refunded."""


def rfc3339(moment: datetime | None) -> str:
    """The moment with its offset in the project's time zone, to the second; "" for None."""
    return timezone.localtime(moment).isoformat(timespec="seconds") if moment else ""


def header(
    partner_no: str, *, req_msg_id: str = "", sign_type: str = "SHA256", message_id: str = ""
) -> dict[str, Any]:
    """The header of an answer or a notification."""
    return {
        "version": VERSION,
        "partnerNo": partner_no,
        "reqMsgId": req_msg_id,
        "respMsgId": message_id or str(uuid.uuid4()),
        "respTime": rfc3339(clock.now()),
        "signType": sign_type,
    }


def order_body(order: WireOrder, *, buyer: str = "", buyer_id: str = "") -> dict[str, Any]:
    """The body of payQuery and of a notification."""
    return {
        "code": Code.SUCCESS,
        "msg": Code.SUCCESS.text,
        "orderNo": order.order_no,
        "partnerOrderNo": order.partner_order_no,
        "orderAmount": order.amount,
        "currency": order.currency,
        "wallet": order.wallet,
        "status": order.status(),
        "payTime": rfc3339(order.paid_at),
        "buyer": buyer[:30],
        "buyerId": buyer_id[:30],
    }


def refund_body(refund: WireRefund, *, failure: str = "") -> dict[str, Any]:
    """The body of refund, refundQuery and of a notification; ``failure`` says to the merchant why it failed."""
    failed = refund.status() == REFUND_FAILED
    return {
        "code": Code.FAILED if failed else Code.SUCCESS,
        "msg": failure if failed else Code.SUCCESS.text,
        "refundNo": refund.refund_no,
        "partnerOrderNo": refund.order.partner_order_no,
        "orderAmount": refund.amount,
        "currency": refund.currency,
        "status": refund.status(),
    }
