"""Alipay and AlipayHK in foreign currency: Alipay's cross-border gateway ("mapi"), an older protocol of its own.

Source: docs.antom.com/ac/hkapi (create_forex_trade, create_forex_trade_wap, single_trade_query, forex_refund,
alipay.acquire.refund.query, notify_verify).
The customer is sent to a page of the platform; it learns of the trade there. There is no call to close one.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from scanforpay_django import clock, money
from scanforpay_django.exceptions import PlatformError, PlatformRefused, PlatformSignatureInvalid
from scanforpay_django.wallets.alipay.apps import ALIPAY, ALIPAYHK
from scanforpay_django.wallets.alipay.client import BEIJING
from scanforpay_django.wallets.alipay.doubts import find_doubts
from scanforpay_django.wallets.alipay_cross_border.client import CrossBorderClient
from scanforpay_django.wallets.alipay_cross_border.facts import AlipayGlobalFacts
from scanforpay_django.wallets.alipay_cross_border.messages import (
    read_refund,
    read_trade,
)
from scanforpay_django.wallets.base import (
    Account,
    Acknowledgement,
    App,
    BillParties,
    PayAction,
    PaymentRequest,
    PaymentResult,
    Prepay,
    RefundRequest,
    RefundResult,
    RefundState,
    TradeState,
    VerifiedNotification,
)
from scanforpay_django.wallets.platform_text import fit

NOT_FOUND = "TRADE_NOT_EXIST"
# How long a trade may be paid is said by one of these words, counted from when the customer got there.
TIMEOUT_RULES = [
    ("5m", 5),
    ("10m", 10),
    ("15m", 15),
    ("30m", 30),
    ("1h", 60),
    ("2h", 120),
    ("3h", 180),
    ("5h", 300),
]
TIMEOUT_RULES += [("10h", 600), ("12h", 720), ("1d", 1440)]
_CREATE_SERVICES = {"forex_wap": "create_forex_trade_wap", "forex_web": "create_forex_trade"}
PRODUCT_CODES = {"forex_wap": "NEW_WAP_OVERSEAS_SELLER", "forex_web": "NEW_OVERSEAS_SELLER"}


class AlipayGlobalWallet(AlipayGlobalFacts):
    """Alipay, orders in foreign currency."""

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self._client = CrossBorderClient(account)

    # -- a payment's life ------------------------------------------------------------------------

    def create(self, request: PaymentRequest) -> Prepay:
        """No call: what the page's address is made of."""
        params = {
            "service": _CREATE_SERVICES[request.product],
            "out_trade_no": request.out_trade_no,
            "subject": fit(request.title, max_bytes=256, forbidden="/=&", fallback=request.out_trade_no),
            "total_fee": money.to_major(request.amount, request.currency),
            "currency": request.currency,
            "payment_inst": self.payment_inst,
            "product_code": PRODUCT_CODES[request.product],
            "timeout_rule": _timeout_rule(request.expires_at),
            "notify_url": request.notify_url,
            "return_url": request.return_url,
        }
        return Prepay(data={name: value for name, value in params.items() if value}, expires_at=None)

    def action(self, product: str, prepay: Mapping[str, str]) -> PayAction:
        """The signed address of the platform's page."""
        return PayAction(kind="redirect", params={"url": self._client.page_url(prepay)})

    def query(self, out_trade_no: str) -> PaymentResult:
        """single_trade_query; a trade does not exist before the customer has opened it."""
        answer = self._client.call({"service": "single_trade_query", "out_trade_no": out_trade_no})
        if answer.error == NOT_FOUND and not answer.is_success:
            return PaymentResult(
                out_trade_no=out_trade_no, state=TradeState.NOT_FOUND, platform_state=NOT_FOUND
            )
        trade = self._client.verified(answer)
        if trade.get("seller_id") != self.account.value("partner"):
            raise PlatformSignatureInvalid("the message is for another partner")
        if trade.get("out_trade_no") != out_trade_no:
            raise PlatformSignatureInvalid("Alipay answered for another trade")
        result = read_trade(trade)
        # The answer names no currency. A caller that knows the payment reads it again in the payment's own.
        return result.in_currency(self.account.currencies[0]) if len(self.account.currencies) == 1 else result

    def close(self, out_trade_no: str) -> None:
        """Nothing to call: the trade runs out by its timeout_rule and is watched until then."""

    # -- money back ------------------------------------------------------------------------------

    def refund(self, request: RefundRequest) -> RefundResult:
        """forex_refund, in the trade's currency; the gateway takes one every three seconds."""
        answer = self._client.call(
            {
                "service": "forex_refund",
                "out_return_no": request.out_refund_no,
                "out_trade_no": request.out_trade_no,
                "return_amount": money.to_major(request.amount, request.currency),
                "currency": request.currency,
                "gmt_return": clock.now().astimezone(BEIJING).strftime("%Y%m%d%H%M%S"),
                "reason": fit(request.reason, max_bytes=128, forbidden="=&", fallback="refund"),
                "is_sync": "Y",
            }
        )
        if not answer.is_success:
            is_open = answer.error in ("SYSTEM_ERROR", "REFUND_TOO_FREQUENT", "")
            kind = PlatformError if is_open else PlatformRefused
            raise kind(f"Alipay: {answer.error}", platform_code=answer.error)
        return RefundResult(
            out_refund_no=request.out_refund_no,
            state=RefundState.PROCESSING,
            platform_state="T",
            amount=request.amount,
        )

    def query_refund(self, out_trade_no: str, out_refund_no: str) -> RefundResult:
        """alipay.acquire.refund.query, by both numbers; what succeeded comes with the sum of the trade's refunds."""
        answer = self._client.call(
            {
                "service": "alipay.acquire.refund.query",
                "out_trade_no": out_trade_no,
                "out_return_no": out_refund_no,
            }
        )
        if answer.error == NOT_FOUND and not answer.is_success:
            return RefundResult(
                out_refund_no=out_refund_no, state=RefundState.NOT_FOUND, platform_state=NOT_FOUND
            )
        result = read_refund(self._client.verified(answer), out_trade_no, out_refund_no)
        if result.state is not RefundState.SUCCEEDED:
            return result
        return replace(result, trade_refunded_text=self._refunded_sum(out_trade_no))

    def _refunded_sum(self, out_trade_no: str) -> str:
        """In major units; "" where it could not be asked: the refund itself is known all the same."""
        try:
            trade = self.query(out_trade_no)
        except PlatformError:
            return ""
        return trade.returned_text or ("0" if trade.state is TradeState.PAID else "")

    # -- notifications ---------------------------------------------------------------------------

    def read_notification(self, headers: Mapping[str, str], body: bytes) -> VerifiedNotification:
        """Every field but sign and sign_type, sorted; the platform leaves blank ones out.

        The signature alone proves little: partners share Alipay's key, and the signed text can be cut into other
        fields. The gateway has to say that it sent us this message, and our own question has to say the same of the
        trade.
        """
        params = self._client.verify_form(body)
        notify_id = params.get("notify_id", "")
        if not notify_id:
            raise PlatformSignatureInvalid("the message has no notify_id")
        if params.get("seller_id", self.account.value("partner")) != self.account.value("partner"):
            raise PlatformSignatureInvalid("the message is for another partner")
        doubts = find_doubts(params, self.notification_fields)
        kept = {name: value for name, value in params.items() if name not in ("sign", "sign_type")}
        return VerifiedNotification(
            event_id=notify_id[:128],
            kind=params.get("trade_status", "")[:64],
            body=json.dumps(kept, ensure_ascii=False),
            result=self._confirmed(notify_id, read_trade(kept), doubts),
            doubts=doubts,
        )

    def _confirmed(self, notify_id: str, notified: PaymentResult, doubts: str) -> PaymentResult:
        """What our own question says of the trade; of a doubtful message nothing but the number is taken."""
        try:
            if not self._client.sent_notification(notify_id):
                raise PlatformSignatureInvalid("the gateway did not send us this message")
            asked = self.query(notified.out_trade_no)
        except PlatformSignatureInvalid:
            raise
        except PlatformError as error:
            raise PlatformSignatureInvalid("the gateway could not be asked about the message") from error
        if doubts or not (notified.platform_state and notified.currency):
            return asked
        # Only the notification names the currency.
        asked = asked.in_currency(notified.currency, names_it=True)
        # Our number is anybody's to choose for a trade of their own; the platform's number is not.
        said = (notified.state, notified.trade_no, notified.amount)
        if (asked.state, asked.trade_no, asked.amount) != said:
            raise PlatformSignatureInvalid("the platform says otherwise of our trade of this number")
        return asked

    def bill_parties(self) -> BillParties:
        """The partner, which some of the files name above their rows."""
        return BillParties(merchants=frozenset({self.account.value("partner")} - {""}))

    def acknowledge(self, accepted: bool) -> Acknowledgement:
        """Exactly the seven bytes ``success``; anything else is repeated."""
        return Acknowledgement(
            status=200 if accepted else 400,
            content_type="text/plain",
            body=b"success" if accepted else b"fail",
        )


class AlipayHKWallet(AlipayGlobalWallet):
    """AlipayHK: the same gateway, another wallet."""

    name = "AlipayHK"
    serves = ""
    slug = "alipay-hk"
    label = _("AlipayHK")
    app_label = label
    staff_label = label
    payment_inst = "ALIPAYHK"
    apps: ClassVar[tuple[App, ...]] = (ALIPAYHK, ALIPAY)
    currencies = frozenset({"HKD"})


def _timeout_rule(expires_at: datetime) -> str:
    """The longest word that ends before the order does, counted from now."""
    left = (expires_at - clock.now()) // timedelta(minutes=1)
    fitting = [word for word, minutes in TIMEOUT_RULES if minutes <= left]
    return fitting[-1] if fitting else TIMEOUT_RULES[0][0]
