"""Alipay and AlipayHK in foreign currency: Alipay's cross-border gateway ("mapi"), an older protocol of its own.

Source: docs.antom.com/ac/hkapi (create_forex_trade, create_forex_trade_wap, single_trade_query, forex_refund).
The customer is sent to a page of the platform; it learns of the trade there. There is no call to close one.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import ClassVar
from urllib.parse import urlencode
from xml.etree import ElementTree

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from django.utils.translation import gettext_lazy as _

from scanforpay_django import money
from scanforpay_django.conf import LOCAL_SANDBOX, PLATFORM_SANDBOX, PRODUCTION
from scanforpay_django.exceptions import PlatformError, PlatformRefused, PlatformSignatureInvalid
from scanforpay_django.wallets import account_faults, refund_faults
from scanforpay_django.wallets.alipay.apps import ALIPAY, ALIPAYHK
from scanforpay_django.wallets.alipay.client import BEIJING, parse_form
from scanforpay_django.wallets.alipay.messages import moment
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
from scanforpay_django.wallets.platform_client import PlatformClient, read_key
from scanforpay_django.wallets.platform_text import fit
from scanforpay_django.wallets.rsa import load_private_key, load_public_key, rsa_sign, rsa_verify

_ENCODING = re.compile(rb"<\?xml[^>]*encoding=[\"']([A-Za-z0-9_-]{1,20})[\"']")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
CROSS_BORDER_TRADE_STATES = {
    "WAIT_BUYER_PAY": TradeState.UNPAID,
    "TRADE_SUCCESS": TradeState.PAID,
    # Paid is TRADE_FINISHED here.
    "TRADE_FINISHED": TradeState.PAID,
    "TRADE_CLOSED": TradeState.CLOSED,
}
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
LONGEST_SECONDS = 86400
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
        ),
        "forex_web": Product(
            name="forex_web",
            kind=Kind.REDIRECT,
            label=_("create_forex_trade, on computers"),
            opens_on_tap=True,
        ),
    }
    default_grants = ("forex_wap",)
    currencies = frozenset(
        {"HKD", "USD", "EUR", "GBP", "JPY", "AUD", "CAD", "NZD", "SGD", "CHF", "THB", "KRW"}
    )
    can_refund = True
    probe_verifies_both = False
    # Source: docs.antom.com, forex_refund: one every three seconds, within 365 days.
    limits = Limits(refund_days=365, refund_interval_seconds=3, refund_seconds=3 * 86400)
    transient_codes = frozenset({"REFUNDTOOFREQUENT"})
    # Source: docs.antom.com, forex_refund, its table of errors.
    refund_words: ClassVar[Mapping[str, str]] = {
        "BALANCENOTENOUGH": refund_faults.BALANCE_TOO_LOW,
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
    error_words: ClassVar[Mapping[str, str]] = {
        "ILLEGALSIGN": account_faults.OUR_SIGNATURE,
        "ILLEGALPARTNER": account_faults.NO_SUCH_APP,
    }
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
        self._client = PlatformClient(url for _name, url in account.hosts)

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
        url = f"{self.account.host('gateway')}?{urlencode(self._signed(prepay))}"
        return PayAction(kind="redirect", params={"url": url})

    def query(self, out_trade_no: str) -> PaymentResult:
        """single_trade_query; a trade does not exist before the customer has opened it."""
        answer = self._call({"service": "single_trade_query", "out_trade_no": out_trade_no})
        if answer.get("error") == NOT_FOUND:
            return PaymentResult(
                out_trade_no=out_trade_no, state=TradeState.NOT_FOUND, platform_state=NOT_FOUND
            )
        return _read_trade(self._proven(answer, out_trade_no), self.account.currencies)

    def close(self, out_trade_no: str) -> None:
        """Nothing to call: the trade runs out by its timeout_rule and is watched until then."""

    # -- money back ------------------------------------------------------------------------------

    def refund(self, request: RefundRequest) -> RefundResult:
        """forex_refund, in the trade's currency; the gateway takes one every three seconds."""
        answer = self._call(
            {
                "service": "forex_refund",
                "out_return_no": request.out_refund_no,
                "out_trade_no": request.out_trade_no,
                "return_amount": money.to_major(request.amount, request.currency),
                "currency": request.currency,
                "gmt_return": datetime.now(BEIJING).strftime("%Y%m%d%H%M%S"),
                "reason": fit(request.reason, max_bytes=128, fallback="refund"),
                "is_sync": "Y",
            }
        )
        if answer.get("is_success") != "T":
            word = answer.get("error", "")
            kind = PlatformError if word in ("SYSTEM_ERROR", "REFUND_TOO_FREQUENT", "") else PlatformRefused
            raise kind(f"Alipay: {word}", platform_code=word)
        return RefundResult(
            out_refund_no=request.out_refund_no,
            state=RefundState.PROCESSING,
            platform_state="T",
            amount=request.amount,
            raw=answer,
        )

    def query_refund(self, out_trade_no: str, out_refund_no: str) -> RefundResult:
        """The gateway tells the sum of a trade's refunds, never one of them."""
        asked = {"service": "single_trade_query", "out_trade_no": out_trade_no}
        trade = self._proven(self._call(asked), out_trade_no)
        currency = trade.get("currency") or self.account.currencies[0]
        try:
            total = money.to_minor(trade["refund_fee"], currency) if trade.get("refund_fee") else 0
        except ValueError as error:
            raise PlatformError("Alipay: the sum of the refunds does not read") from error
        return RefundResult(
            out_refund_no=out_refund_no, state=RefundState.UNKNOWN, trade_refunded=total, raw=trade
        )

    # -- notifications ---------------------------------------------------------------------------

    def read_notification(self, headers: Mapping[str, str], body: bytes) -> VerifiedNotification:
        """Every field but sign and sign_type, sorted; the platform leaves blank ones out."""
        params = parse_form(body)
        if not params.get("notify_id"):
            raise PlatformSignatureInvalid("the message has no notify_id")
        if not rsa_verify(self._alipay_key, _signed_text(params), params.get("sign", "")):
            raise PlatformSignatureInvalid
        self._check_partner(params)
        kept = {name: value for name, value in params.items() if name not in ("sign", "sign_type")}
        return VerifiedNotification(
            event_id=params["notify_id"][:128],
            kind=params.get("trade_status", "")[:64],
            body=json.dumps(kept, ensure_ascii=False),
            result=_read_trade(kept, self.account.currencies),
        )

    def _check_partner(self, params: Mapping[str, str]) -> None:
        """Notifications often name no seller, and many partners share Alipay's key: then our own signed question
        about the trade has to say that it is paid and ours.
        """
        if params.get("seller_id", self.account.value("partner")) != self.account.value("partner"):
            raise PlatformSignatureInvalid("the message is for another partner")
        if "seller_id" in params:
            return
        try:
            asked = self.query(params.get("out_trade_no", ""))
        except PlatformError as error:
            raise PlatformSignatureInvalid("whose trade it is could not be asked") from error
        notified = _read_trade(params, self.account.currencies)
        # Our number is anybody's to choose for a trade of their own; the platform's number is not.
        if (asked.state, asked.trade_no) != (notified.state, notified.trade_no):
            raise PlatformSignatureInvalid("the platform says otherwise of our trade of this number")

    def acknowledge(self, accepted: bool) -> Acknowledgement:
        """Exactly the seven bytes ``success``; anything else is repeated."""
        return Acknowledgement(
            status=200 if accepted else 400,
            content_type="text/plain",
            body=b"success" if accepted else b"fail",
        )

    # -- the wire --------------------------------------------------------------------------------

    @cached_property
    def _private_key(self) -> RSAPrivateKey:
        return read_key(load_private_key, self.account.secret("private_key"))

    @cached_property
    def _alipay_key(self) -> RSAPublicKey:
        return read_key(load_public_key, self.account.value("alipay_public_key"))

    def _signed(self, params: Mapping[str, str]) -> dict[str, str]:
        whole = {**params, "partner": self.account.value("partner"), "_input_charset": "utf-8"}
        return {**whole, "sign": rsa_sign(self._private_key, _signed_text(whole)), "sign_type": "RSA2"}

    def _call(self, params: Mapping[str, str]) -> dict[str, str]:
        """The answer's leaves by name; a trade's are not verified yet."""
        headers = {"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"}
        body = urlencode(self._signed(params)).encode()
        answer = self._client.call("POST", self.account.host("gateway"), headers, body)
        if answer.status != 200:
            raise PlatformError(f"Alipay: HTTP {answer.status}", platform_code=str(answer.status))
        return _leaves(answer.body)

    def _proven(self, answer: Mapping[str, str], out_trade_no: str) -> dict[str, str]:
        """The trade in a query's answer, if it is signed, ours and the one that was asked about."""
        trade = {name.removeprefix("trade."): v for name, v in answer.items() if name.startswith("trade.")}
        if answer.get("is_success") != "T" or not trade:
            word = answer.get("error", "")
            raise PlatformError(f"Alipay: {word}", platform_code=word)
        if not rsa_verify(self._alipay_key, _signed_text(trade), answer.get("sign", "")):
            raise PlatformSignatureInvalid
        if trade.get("seller_id") != self.account.value("partner"):
            raise PlatformSignatureInvalid("the message is for another partner")
        if trade.get("out_trade_no") != out_trade_no:
            raise PlatformSignatureInvalid("Alipay answered for another trade")
        return trade


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


def _signed_text(params: Mapping[str, str]) -> bytes:
    """What is signed: sign and sign_type are both left out, and so is what is empty."""
    names = sorted(name for name in params if name not in ("sign", "sign_type") and params[name] != "")
    return "&".join(f"{name}={params[name]}" for name in names).encode()


def _leaves(body: bytes) -> dict[str, str]:
    """The XML answer: {"is_success": ..., "error": ..., "sign": ..., "trade.<field>": ...}. Raises PlatformError."""
    declared = _ENCODING.match(body)
    encoding = declared[1].decode("ascii").lower() if declared else "utf-8"
    if encoding not in ("utf-8", "gbk", "gb2312", "gb18030"):
        raise PlatformError("the platform's answer is in an unknown encoding")
    try:
        text = _DECLARATION.sub("", body.decode(encoding), count=1)
        # A document type could define entities; the platform sends none.
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise PlatformError("the platform's answer is not plain XML")
        root = ElementTree.fromstring(text)  # noqa: S314 - without a document type there is nothing to expand
    except (ElementTree.ParseError, ValueError) as error:
        raise PlatformError("the platform's answer is not XML") from error
    found = {child.tag: child.text or "" for child in root if len(child) == 0}
    for leaf in root.iterfind("response/trade/*"):
        found[f"trade.{leaf.tag}"] = leaf.text or ""
    return found


def _read_trade(fields: Mapping[str, str], currencies: tuple[str, ...]) -> PaymentResult:
    """A trade. A query's answer names no currency: it is the account's, where that has one."""
    platform_state = fields.get("trade_status", "")
    currency = fields.get("currency") or (currencies[0] if len(currencies) == 1 else "")
    state = CROSS_BORDER_TRADE_STATES.get(platform_state, TradeState.UNKNOWN)
    # Closed after it was paid: the money was refunded.
    if state is TradeState.CLOSED and fields.get("gmt_payment"):
        state = TradeState.PAID
    try:
        amount = money.to_minor(fields.get("total_fee", ""), currency)
    except ValueError:
        amount = None
    return PaymentResult(
        out_trade_no=fields.get("out_trade_no", ""),
        state=state,
        platform_state=platform_state,
        amount=amount,
        currency=currency or None,
        trade_no=fields.get("trade_no", "")[:64],
        paid_at=moment(fields.get("gmt_payment")),
        buyer=fields.get("buyer_email", "")[:100],
        raw=dict(fields),
    )


def _timeout_rule(expires_at: datetime) -> str:
    """The longest word that ends before the order does, counted from now."""
    left = (expires_at - datetime.now(UTC)) // timedelta(minutes=1)
    fitting = [word for word, minutes in TIMEOUT_RULES if minutes <= left]
    return fitting[-1] if fitting else TIMEOUT_RULES[0][0]
