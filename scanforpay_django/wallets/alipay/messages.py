"""What Alipay says, in our terms. The caller has verified the bytes and checks whose trade it is."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from scanforpay_django import money
from scanforpay_django.exceptions import PlatformSignatureInvalid
from scanforpay_django.wallets.alipay.client import BEIJING
from scanforpay_django.wallets.platform_text import read_text
from scanforpay_django.wallets.results import PaymentResult, RefundResult, RefundState, TradeState

CURRENCY = "CNY"
ALIPAY_TRADE_STATES = {
    "WAIT_BUYER_PAY": TradeState.UNPAID,
    "TRADE_SUCCESS": TradeState.PAID,
    # paid, and no longer to be refunded
    "TRADE_FINISHED": TradeState.PAID,
    "TRADE_CLOSED": TradeState.CLOSED,
}
# Source: opendocs.alipay.com, "Asynchronous notification": a trade's fields, and those of its refunds.
ALIPAY_NOTIFICATION_FIELDS: dict[str, frozenset[str]] = {
    "trade_status_sync": frozenset(
        [
            "notify_time",
            "notify_type",
            "notify_id",
            "app_id",
            "auth_app_id",
            "charset",
            "version",
            "sign_type",
            "sign",
            "trade_no",
            "out_trade_no",
            "out_biz_no",
            "buyer_id",
            "buyer_open_id",
            "buyer_logon_id",
            "seller_id",
            "seller_email",
            "trade_status",
            "total_amount",
            "receipt_amount",
            "buyer_pay_amount",
            "point_amount",
            "invoice_amount",
            "refund_fee",
            "send_back_fee",
            "subject",
            "body",
            "gmt_create",
            "gmt_payment",
            "gmt_refund",
            "gmt_close",
            "fund_bill_list",
            "passback_params",
            "voucher_detail_list",
            # as some pages spell it
            "vocher_detail_list",
        ]
    )
}
_CLOCK = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d{1,6})?")


def read_alipay_trade(found: Mapping[str, Any], *, paid_at: object) -> PaymentResult:
    """A trade; ``paid_at`` is what the message says of when it was paid."""
    platform_state = read_text(found.get("trade_status"))
    state = ALIPAY_TRADE_STATES.get(platform_state, TradeState.UNKNOWN)
    amount, returned = minor(found.get("total_amount")), _returned(found)
    # TRADE_CLOSED is an unpaid time-out or a full refund. The day of payment decides which; a message may come without
    # it, and then a refund does, or what the buyer or the seller is said to have paid or received.
    money_moved = [returned, minor(found.get("buyer_pay_amount")), minor(found.get("receipt_amount"))]
    was_paid = bool(paid_at) or bool(found.get("gmt_refund")) or any(money_moved)
    is_returned = state is TradeState.CLOSED and was_paid
    if is_returned:
        state = TradeState.PAID
    return PaymentResult(
        out_trade_no=read_text(found.get("out_trade_no")),
        state=state,
        platform_state=platform_state,
        amount=amount,
        # The message names no currency: this gateway knows one.
        currency=CURRENCY,
        trade_no=read_text(found.get("trade_no")),
        paid_at=moment(paid_at),
        buyer=read_text(found.get("buyer_logon_id"))[:100],
        is_returned=is_returned and returned in (None, amount),
        returned_amount=returned,
        out_refund_no=read_text(found.get("out_biz_no"))[:64],
        # As it was sent, in percent-encoding. Source: opendocs.alipay.com, alipay.trade.wap.pay, passback_params.
        reference=unquote(read_text(found.get("passback_params"))),
        raw=dict(found),
    )


def _returned(found: Mapping[str, Any]) -> int | None:
    """In a notification refund_fee is the sum of the trade's refunds so far, and out_biz_no names the last one."""
    return minor(found["refund_fee"]) if found.get("refund_fee") else None


def read_alipay_refund(found: Mapping[str, Any], out_refund_no: str) -> RefundResult:
    """What a refund query says; without refund_status there is no refund (yet). Raises PlatformSignatureInvalid."""
    # 10000 is answered for a refund that does not exist too, then without this field.
    if found.get("refund_status") != "REFUND_SUCCESS":
        return RefundResult(out_refund_no=out_refund_no, state=RefundState.NOT_FOUND, raw=dict(found))
    if found.get("out_request_no") != out_refund_no:
        raise PlatformSignatureInvalid("Alipay answered for another refund")
    return RefundResult(
        out_refund_no=out_refund_no,
        state=RefundState.SUCCEEDED,
        platform_state="REFUND_SUCCESS",
        amount=minor(found.get("refund_amount")),
        refunded_at=moment(found.get("gmt_refund_pay")),
        raw=dict(found),
    )


def minor(text: object) -> int | None:
    """Minor units of an amount in yuan, None for anything else."""
    try:
        return money.to_minor(str(text), CURRENCY)
    except ValueError:
        return None


def moment(text: object) -> datetime | None:
    """A time of Beijing's clock, None for anything else."""
    if not isinstance(text, str) or not _CLOCK.fullmatch(text):
        return None
    try:
        # No message names a time zone. Source: official SDKs, which set GMT+8.
        return datetime.fromisoformat(text).replace(tzinfo=BEIJING)
    except ValueError:
        return None
