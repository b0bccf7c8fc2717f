"""Alipay OpenAPI v2 (mainland), trade.create and tradePay.

Sources: opendocs.alipay.com (gateway, signing, alipay.trade.*, asynchronous notification); alipay-sdk-java-all.
"""

import json
import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from django.utils.translation import gettext_lazy as _

from scanforpay_django import money
from scanforpay_django.exceptions import (
    NotProven,
    PayerUnknown,
    PlatformError,
    PlatformRefused,
    PlatformSaysPaid,
)
from scanforpay_django.wallets.alipay_crypto import answer_slice, notification_text, request_text
from scanforpay_django.wallets.base import (
    COPY_LINK,
    OWN_QR,
    WRONG_APP,
    Account,
    Acknowledgement,
    Channel,
    Credential,
    Kind,
    PayAction,
    Payer,
    PaymentRequest,
    PaymentResult,
    PlatformNotification,
    Prepay,
    Product,
    TradeState,
    Wallet,
)
from scanforpay_django.wallets.platform_client import PlatformClient, parse_object
from scanforpay_django.wallets.platform_text import fit
from scanforpay_django.wallets.rsa import load_private_key, load_public_key, rsa_sign, rsa_verify

logger = logging.getLogger(__name__)

# Alipay's clock stands in Beijing, wherever the server is.
BEIJING = ZoneInfo("Asia/Shanghai")
CURRENCY = "CNY"
TRADE_STATES = {
    "WAIT_BUYER_PAY": TradeState.UNPAID,
    "TRADE_SUCCESS": TradeState.PAID,
    "TRADE_FINISHED": TradeState.PAID,
    "TRADE_CLOSED": TradeState.CLOSED,
}
NOT_FOUND_CODE = "ACQ.TRADE_NOT_EXIST"
PAID_CODE = "ACQ.TRADE_HAS_SUCCESS"
# What Alipay may answer although the outcome is open, or that passes by itself.
PASSING_CODES = {"ACQ.SYSTEM_ERROR", "aop.ACQ.SYSTEM_ERROR", "isp.unknow-error", "20000"}
STALE_CODES = {"isv.code-invalid"}
_CLOCK = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d{1,6})?")


class AlipayWallet(Wallet):
    """Alipay."""

    name = "Alipay"
    slug = "alipay"
    label = _("Alipay")
    app_label = label
    products = {
        "trade_create": Product(
            name="trade_create", kind=Kind.BRIDGE, label=_("trade.create, in Alipay"), needs_payer=True
        ),
    }
    routes = {
        Channel.WECHAT: (WRONG_APP,),
        Channel.WECHAT_DESKTOP: (OWN_QR,),
        Channel.WECHAT_MINIPROGRAM: (WRONG_APP,),
        Channel.WECOM: (WRONG_APP,),
        Channel.ALIPAY: ("trade_create",),
        # tradePay of a plain page is not the supported route inside a mini-program.
        Channel.ALIPAY_MINIPROGRAM: (COPY_LINK,),
        Channel.ALIPAYHK: (WRONG_APP,),
        Channel.MOBILE: (OWN_QR,),
        Channel.DESKTOP: (OWN_QR,),
    }
    default_grants = ("trade_create",)
    has_platform_sandbox = True
    credentials: ClassVar[tuple[Credential, ...]] = (
        Credential(name="app_id", label=_("App id")),
        Credential(name="seller_id", label=_("Seller id (2088...)")),
        Credential(
            name="alipay_public_key",
            label=_("Alipay's public key"),
            multiline=True,
            read=load_public_key,
            help=_("Alipay's key, not the application's: mixing them up is the most frequent mistake."),
        ),
        Credential(name="product_code", label=_("Product code"), required=False, help="FACE_TO_FACE_PAYMENT"),
        Credential(name="op_app_id", label=_("Mini-program id for JSAPI_PAY (op_app_id)"), required=False),
        Credential(
            name="private_key",
            label=_("Application's private key"),
            secret=True,
            multiline=True,
            read=load_private_key,
        ),
    )

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self._client = PlatformClient(url for _name, url in account.hosts)

    # -- who pays --------------------------------------------------------------------------------

    def authorize_url(self, redirect_uri: str, state: str) -> str:
        """OAuth, auth_base: silent."""
        query = {
            "app_id": self.account.value("app_id"),
            "scope": "auth_base",
            "redirect_uri": redirect_uri,
            "state": state,
        }
        return f"{self.account.host('authorize')}?{urlencode(query)}"

    def payer_from_callback(self, params: Mapping[str, str]) -> Payer:
        """The buyer behind an auth_code. New apps get open_id instead of user_id."""
        if not params.get("auth_code"):
            raise PayerUnknown("the customer did not sign in")
        extra = {"grant_type": "authorization_code", "code": params["auth_code"]}
        found = self._call("alipay.system.oauth.token", extra)
        for name in ("user_id", "open_id"):
            if isinstance(found.get(name), str) and found[name]:
                return Payer(id=found[name], kind=name)
        raise PlatformError("Alipay did not tell who pays")

    # -- a payment's life ------------------------------------------------------------------------

    def create(self, request: PaymentRequest) -> Prepay:
        """alipay.trade.create. The same parameters again answer the same trade while it waits for its buyer."""
        content: dict[str, Any] = {
            "out_trade_no": request.out_trade_no,
            "total_amount": money.to_major(request.amount, CURRENCY),
            "subject": fit(request.title, max_bytes=256, forbidden="/=&", fallback=request.out_trade_no),
            "product_code": self.account.value("product_code") or "FACE_TO_FACE_PAYMENT",
            "seller_id": self.account.value("seller_id"),
            "time_expire": request.expires_at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S"),
        }
        if self.account.value("op_app_id"):
            content["op_app_id"] = self.account.value("op_app_id")
        if request.payer is not None:
            content["buyer_id" if request.payer.kind == "user_id" else "buyer_open_id"] = request.payer.id
        found = self._call("alipay.trade.create", {"notify_url": request.notify_url}, content)
        if found.get("out_trade_no") != request.out_trade_no or not found.get("trade_no"):
            raise PlatformError("Alipay answered for another trade")
        return Prepay(data={"trade_no": str(found["trade_no"])}, expires_at=None)

    def action(self, product: str, prepay: Mapping[str, str]) -> PayAction:
        """tradePay; the key is spelled tradeNO."""
        return PayAction(kind="alipay_bridge", params={"tradeNO": prepay["trade_no"]})

    def query(self, out_trade_no: str) -> PaymentResult:
        """alipay.trade.query."""
        try:
            found = self._call("alipay.trade.query", {}, {"out_trade_no": out_trade_no})
        except PlatformError as error:
            if error.platform_code == NOT_FOUND_CODE:
                return PaymentResult(
                    out_trade_no=out_trade_no, state=TradeState.NOT_FOUND, platform_state=NOT_FOUND_CODE
                )
            raise
        return self._result(found, paid_at=found.get("send_pay_date"))

    def close(self, out_trade_no: str) -> None:
        """alipay.trade.close; a trade that does not exist cannot be paid through this number either way."""
        try:
            self._call("alipay.trade.close", {}, {"out_trade_no": out_trade_no})
        except PlatformError as error:
            if error.platform_code == "ACQ.TRADE_STATUS_ERROR":
                raise PlatformSaysPaid(str(error), platform_code=error.platform_code) from error
            if error.platform_code != NOT_FOUND_CODE:
                raise

    def read_notification(self, headers: Mapping[str, str], body: bytes) -> PlatformNotification:
        """Every received field but sign and sign_type, blank ones too, decoded once."""
        params = _form(body)
        if not rsa_verify(self._alipay_key, notification_text(params), params.get("sign", "")):
            raise NotProven
        if params.get("app_id") != self.account.value("app_id"):
            raise NotProven("the message is for another application")
        if params.get("seller_id") != self.account.value("seller_id"):
            raise NotProven("the message is for another seller")
        kind = params.get("trade_status", "")[:64]
        kept = {k: v for k, v in params.items() if k not in ("sign", "sign_type")}
        result = self._result(kept, paid_at=params.get("gmt_payment")) if kind else None
        event_id = params.get("notify_id", "")[:128]
        if not event_id:
            raise NotProven("the message has no notify_id")
        return PlatformNotification(
            event_id=event_id, kind=kind, body=json.dumps(kept, ensure_ascii=False), result=result
        )

    def acknowledge(self, accepted: bool) -> Acknowledgement:
        """Exactly the seven bytes ``success``; anything else is tried again, 8 times in 25 hours."""
        return Acknowledgement(
            status=200 if accepted else 400,
            content_type="text/plain",
            body=b"success" if accepted else b"fail",
        )

    # -- the wire --------------------------------------------------------------------------------

    @cached_property
    def _private_key(self) -> RSAPrivateKey:
        return load_private_key(self.account.secret("private_key"))

    @cached_property
    def _alipay_key(self) -> RSAPublicKey:
        return load_public_key(self.account.value("alipay_public_key"))

    def _call(
        self, method: str, extra: Mapping[str, str], content: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        params = {
            "app_id": self.account.value("app_id"),
            "method": method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": datetime.now(BEIJING).strftime("%Y-%m-%d %H:%M:%S"),
            "version": "1.0",
            **extra,
        }
        if content is not None:
            params["biz_content"] = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        params["sign"] = rsa_sign(self._private_key, request_text(params))
        headers = {"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"}
        answer = self._client.call("POST", self.account.host("gateway"), headers, urlencode(params).encode())
        if answer.status != 200:
            raise PlatformError(f"Alipay: HTTP {answer.status}", platform_code=str(answer.status))
        return self._open(method, answer.body)

    def _open(self, method: str, body: bytes) -> dict[str, Any]:
        """The verified answer. An error_response may be unsigned: it is believed as an error only."""
        found = parse_object(body)
        name = f"{method.replace('.', '_')}_response"
        content = found.get(name)
        if not isinstance(content, dict):
            raise self._error(method, found.get("error_response"))
        try:
            raw = answer_slice(body.decode("utf-8"), name)
        except ValueError as error:
            raise NotProven("the answer cannot be read") from error
        if not rsa_verify(self._alipay_key, raw.encode(), str(found.get("sign", ""))):
            raise NotProven
        # oauth.token succeeds without a code.
        if str(content.get("code", "10000")) != "10000":
            raise self._error(method, content)
        return content

    def _error(self, method: str, content: object) -> PlatformError:
        details: dict[str, Any] = content if isinstance(content, dict) else {}
        code = str(details.get("sub_code") or details.get("code") or "")[:64]
        logger.warning("Alipay answered %s to %s", code, method)
        kind: type[PlatformError] = PlatformRefused
        if code == PAID_CODE:
            kind = PlatformSaysPaid
        elif code in STALE_CODES:
            kind = PayerUnknown
        elif code in PASSING_CODES or not code:
            kind = PlatformError
        return kind(f"Alipay: {code} {details.get('sub_msg', '')}"[:200], platform_code=code)

    def _result(self, found: Mapping[str, Any], *, paid_at: object) -> PaymentResult:
        platform_state = str(found.get("trade_status", ""))
        state = TRADE_STATES.get(platform_state, TradeState.UNKNOWN)
        # TRADE_CLOSED is an unpaid time-out or a full refund; the day of payment tells which.
        if state is TradeState.CLOSED and paid_at:
            state = TradeState.PAID
        try:
            amount = money.to_minor(str(found.get("total_amount", "")), CURRENCY)
        except ValueError:
            amount = None
        return PaymentResult(
            out_trade_no=str(found.get("out_trade_no", "")),
            state=state,
            platform_state=platform_state,
            amount=amount,
            trade_no=str(found.get("trade_no", ""))[:64],
            paid_at=_moment(paid_at),
            buyer=str(found.get("buyer_logon_id", ""))[:100],
            raw=dict(found),
        )


def _form(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=200,
            strict_parsing=True,
        )
    except ValueError as error:
        raise NotProven("the body is no form") from error
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotProven("a field stands twice")
    return found


def _moment(text: object) -> datetime | None:
    if not isinstance(text, str) or not _CLOCK.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=BEIJING).astimezone(UTC)
    except ValueError:
        return None
