"""Alipay and AlipayHK in foreign currency: Alipay's cross-border gateway ("mapi"), an older protocol of its own.

Source: docs.antom.com/ac/hkapi (create_forex_trade, create_forex_trade_wap, single_trade_query, forex_refund,
alipay.acquire.refund.query, notify_verify).
The customer is sent to a page of the platform; it learns of the trade there. There is no call to close one.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from scanforpay_django import money
from scanforpay_django.conf import LOCAL_SANDBOX, PLATFORM_SANDBOX, PRODUCTION
from scanforpay_django.exceptions import PlatformError, PlatformRefused, PlatformSignatureInvalid
from scanforpay_django.wallets import account_faults, refund_faults
from scanforpay_django.wallets.alipay.apps import ALIPAY, ALIPAYHK
from scanforpay_django.wallets.alipay.client import BEIJING
from scanforpay_django.wallets.alipay.doubts import find_doubts
from scanforpay_django.wallets.alipay_cross_border.client import CrossBorderClient
from scanforpay_django.wallets.alipay_cross_border.messages import (
    CROSS_BORDER_NOTIFICATION_FIELDS,
    read_refund,
    read_trade,
)
from scanforpay_django.wallets.base import (
    COPY_LINK,
    OWN_QR,
    WRONG_APP,
    Account,
    Acknowledgement,
    App,
    Channel,
    Credential,
    Kind,
    Limits,
    PayAction,
    PaymentRequest,
    PaymentResult,
    Place,
    Prepay,
    Product,
    RefundRequest,
    RefundResult,
    RefundState,
    TradeState,
    VerifiedNotification,
    Wallet,
    WayOut,
)
from scanforpay_django.wallets.platform_text import fit
from scanforpay_django.wallets.rsa import load_private_key, load_public_key

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
# timeout_rule counts from when the customer got there, and an address does not age: that "there is no such trade" after
# the order's time proves nothing until the longest rule has run out too.
MAX_ADDRESS_SECONDS = 86400
_CREATE_SERVICES = {"forex_wap": "create_forex_trade_wap", "forex_web": "create_forex_trade"}
PRODUCT_CODES = {"forex_wap": "NEW_WAP_OVERSEAS_SELLER", "forex_web": "NEW_OVERSEAS_SELLER"}


class AlipayGlobalWallet(Wallet):
    """Alipay, orders in foreign currency."""

    name = "AlipayGlobal"
    serves = "Alipay"
    slug = "alipay-global"
    label = _("Alipay")
    app_label = label
    staff_label = _("Alipay (cross-border)")
    hosts: ClassVar[Mapping[str, Mapping[str, str]]] = {
        PRODUCTION: {"gateway": "https://intlmapi.alipay.com/gateway.do"},
        PLATFORM_SANDBOX: {"gateway": "https://mapi.alipaydev.com/gateway.do"},
        LOCAL_SANDBOX: {"gateway": "{sandbox}/alipay_global/gateway.do"},
    }
    apps: ClassVar[tuple[App, ...]] = (ALIPAY,)
    button_color = "#1677ff"
    payment_inst: ClassVar[str] = "ALIPAYCN"
    products = {
        "forex_wap": Product(
            name="forex_wap",
            kind=Kind.REDIRECT,
            label=_("create_forex_trade_wap, on phones"),
            opens_on_tap=True,
            lives_on_seconds=MAX_ADDRESS_SECONDS,
        ),
        "forex_web": Product(
            name="forex_web",
            kind=Kind.REDIRECT,
            label=_("create_forex_trade, on computers"),
            opens_on_tap=True,
            lives_on_seconds=MAX_ADDRESS_SECONDS,
        ),
    }
    default_grants = ("forex_wap",)
    currencies = frozenset(
        {"HKD", "USD", "EUR", "GBP", "JPY", "AUD", "CAD", "NZD", "SGD", "CHF", "THB", "KRW"}
    )
    can_refund = True
    can_close = False
    probe_verifies_both = False
    # Source: docs.antom.com, forex_refund: one every three seconds, within 365 days.
    limits = Limits(refund_days=365, refund_interval_seconds=3, refund_seconds=3 * 86400)
    transient_codes = frozenset({"REFUNDTOOFREQUENT"})
    # Source: docs.antom.com, forex_refund, its table of errors.
    refund_words: ClassVar[Mapping[str, str]] = {
        "BALANCENOTENOUGH": refund_faults.BALANCE_TOO_LOW,
        "MERCHANTBALANCENOTENOUGH": refund_faults.BALANCE_TOO_LOW,
        "SELLERBALANCENOTENOUGH": refund_faults.BALANCE_TOO_LOW,
        "RETURNAMOUNTEXCEED": refund_faults.MORE_THAN_LEFT,
        "REFUNDAMOUNTEXCEED": refund_faults.MORE_THAN_LEFT,
        "REFUNDTIMEEXCEED": refund_faults.TOO_LATE,
        "REFUNDDATEEXCEED": refund_faults.TOO_LATE,
        "TRADENOTEXIST": refund_faults.NO_SUCH_TRADE,
        "REFUNDTRADENOTEXIST": refund_faults.NO_SUCH_TRADE,
        "TRADEHASCLOSE": refund_faults.MORE_THAN_LEFT,
        "TRADEHASFINISHED": refund_faults.TOO_LATE,
    }
    returned_kinds = frozenset({"TRADE_CLOSED"})
    error_words: ClassVar[Mapping[str, str]] = {
        "ILLEGALSIGN": account_faults.OUR_SIGNATURE,
        "ILLEGALPARTNER": account_faults.NO_SUCH_APP,
    }
    notification_fields = CROSS_BORDER_NOTIFICATION_FIELDS
    credentials: ClassVar[tuple[Credential, ...]] = (
        Credential(name="partner", label=_("Partner id (2088...)"), identifies=True),
        Credential(
            name="alipay_public_key", label=_("Alipay's public key"), multiline=True, read=load_public_key
        ),
        Credential(
            name="private_key",
            label=_("Merchant's private key"),
            secret=True,
            multiline=True,
            read=load_private_key,
        ),
    )

    @classmethod
    def route(cls, channel: Channel) -> tuple[str, ...]:
        """One page for phones and one for computers. Where no menu leads to a browser the link is copied."""
        if channel.place is Place.DESKTOP:
            return ("forex_web", OWN_QR)
        if channel.place is Place.APP_ON_COMPUTER:
            return (OWN_QR,)
        if channel.place is Place.PHONE:
            return ("forex_wap", OWN_QR)
        if channel.place is Place.IN_APP and channel.app in cls.apps:
            return ("forex_wap", COPY_LINK)
        if channel.place is Place.MINI_PROGRAM or (channel.app and channel.app.way_out is WayOut.COPY):
            return (COPY_LINK,)
        return (WRONG_APP,)

    @classmethod
    def check_credentials(cls, config: Mapping[str, str], secrets: Mapping[str, str]) -> dict[str, str]:
        """Each field, then whose public key it is."""
        wrong = super().check_credentials(config, secrets)
        if (
            not wrong
            and load_public_key(config["alipay_public_key"])
            == load_private_key(secrets["private_key"]).public_key()
        ):
            wrong["alipay_public_key"] = str(_("This is the merchant's own public key, not Alipay's."))
        return wrong

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
                "gmt_return": datetime.now(BEIJING).strftime("%Y%m%d%H%M%S"),
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
    left = (expires_at - datetime.now(UTC)) // timedelta(minutes=1)
    fitting = [word for word, minutes in TIMEOUT_RULES if minutes <= left]
    return fitting[-1] if fitting else TIMEOUT_RULES[0][0]
