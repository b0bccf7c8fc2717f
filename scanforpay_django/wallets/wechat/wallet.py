"""WeChat Pay API v3 in mainland China, direct merchant and service provider.

Sources: pay.weixin.qq.com/doc/v3/merchant and /partner (order, query, close, refund, bill, notification).
"""

import secrets
import time
from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from typing import IO, Any, ClassVar
from urllib.parse import quote, urlencode

from django.views.decorators.debug import sensitive_variables

from scanforpay_django import clock
from scanforpay_django.exceptions import PlatformError
from scanforpay_django.wallets.base import (
    Account,
    Acknowledgement,
    BillParties,
    FetchedBill,
    PayAction,
    Payer,
    PaymentRequest,
    PaymentResult,
    Prepay,
    RefundRedirect,
    RefundRequest,
    RefundResult,
    RefundState,
    TradeState,
    VerifiedNotification,
)
from scanforpay_django.wallets.bills.amounts import CHINA
from scanforpay_django.wallets.platform_text import fit, read_text
from scanforpay_django.wallets.rsa import rsa_sign
from scanforpay_django.wallets.wechat.bill_download import fetch_bill
from scanforpay_django.wallets.wechat.client import WeChatPayClient, normal
from scanforpay_django.wallets.wechat.facts import WeChatFacts
from scanforpay_django.wallets.wechat.messages import (
    acknowledgement,
    open_event,
    read_transaction,
    read_wechat_refund,
)
from scanforpay_django.wallets.wechat.party import Party
from scanforpay_django.wallets.wechat.sign_in import authorize_url, read_payer, token_url
from scanforpay_django.wallets.wechat.signatures import bridge_text

NOT_FOUND_CODES = {"ORDERNOTEXIST", "RESOURCENOTEXISTS"}
# The customer has to confirm with a password: the outcome comes from queries.
PAYING_CODES = {"USERPAYING"}
# How long the answers live, whatever the order's own expiry is: a prepay_id and a code_url two hours, an h5_url five
# minutes.
_PREPAY_LIFETIMES = {"jsapi": timedelta(hours=2), "native": timedelta(hours=2), "h5": timedelta(minutes=5)}
PREPAY_NAMES = {"jsapi": "prepay_id", "native": "code_url", "h5": "h5_url"}


class WeChatWallet(WeChatFacts):
    """WeChat Pay in mainland China, orders in CNY."""

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self._client = WeChatPayClient(account)
        self._party = Party(account)

    def probe(self) -> None:
        """Close a number that never was: unlike a query's 404 the answer, 204, is signed."""
        self.close(secrets.token_hex(14))

    # -- who pays --------------------------------------------------------------------------------

    def authorize_url(self, redirect_uri: str, state: str) -> str:
        """OAuth with scope snsapi_base, which asks the customer nothing."""
        return authorize_url(self.account, self._party.sign_in_appid, redirect_uri, state)

    def payer_from_callback(self, params: Mapping[str, str]) -> Payer:
        """The openid behind a code; a code works once and for five minutes."""
        ask = partial(self._client.http.call, headers={"Accept": "application/json"})
        # No name holds the address: it has the service account's secret in it.
        return read_payer(
            ask("GET", token_url(self.account, self._party.sign_in_appid, params.get("code", "")))
        )

    # -- a payment's life ------------------------------------------------------------------------

    def create(self, request: PaymentRequest) -> Prepay:
        """JSAPI, H5 or Native order. The identical body again answers for the same order."""
        found = self._client.call("POST", self._order_path(request), self._order_body(request))
        name = self._prepay_names[request.product]
        value = found.get(name)
        if not isinstance(value, str) or not value:
            raise PlatformError(f"WeChat Pay answered without {name}")
        # WeChat may go there after five seconds, paid or not. Source: integrators' reports.
        if request.product == "h5" and request.return_url:
            value += f"&redirect_url={quote(request.return_url, safe='')}"
        return Prepay(data={name: value}, expires_at=clock.now() + _PREPAY_LIFETIMES[request.product])

    def action(self, product: str, prepay: Mapping[str, str]) -> PayAction:
        """getBrandWCPayRequest, or an address. timeStamp is a string: iOS fails on numbers; signType is not signed."""
        if product != "jsapi":
            kind = "redirect" if product == "h5" else "code"
            return PayAction(kind=kind, params={"url": prepay[self._prepay_names[product]]})
        timestamp, nonce = str(int(time.time())), secrets.token_hex(16)
        package, app_id = f"prepay_id={prepay['prepay_id']}", self._party.sign_in_appid
        params = {
            "appId": app_id,
            "timeStamp": timestamp,
            "nonceStr": nonce,
            "package": package,
            "signType": "RSA",
            "paySign": rsa_sign(self._client.private_key, bridge_text(app_id, timestamp, nonce, package)),
        }
        return PayAction(kind="bridge", params=params)

    def query(self, out_trade_no: str) -> PaymentResult:
        """Query by our number: the only one that exists before payment."""
        try:
            found = self._client.call("GET", f"{self._trade_path(out_trade_no)}?{self._party.query()}")
        except PlatformError as error:
            if normal(error.platform_code) in NOT_FOUND_CODES:
                return PaymentResult(
                    out_trade_no=out_trade_no, state=TradeState.NOT_FOUND, platform_state=error.platform_code
                )
            raise
        return self._result(found)

    def close(self, out_trade_no: str) -> None:
        """Close. 204 comes for unknown numbers too, and the customer may be paying: query afterwards."""
        self._client.call("POST", f"{self._trade_path(out_trade_no)}/close", self._party.merchant_fields())

    def pay_by_barcode(self, request: PaymentRequest) -> PaymentResult:
        """codepay. No notification follows: the outcome comes from this answer or from queries."""
        body = {
            **self._party.order_fields(),
            "description": fit(request.title, max_bytes=127, fallback=request.out_trade_no),
            "out_trade_no": request.out_trade_no,
            "amount": {"total": request.amount, "currency": request.currency},
            **self.reference_content(request),
            "payer": {"auth_code": request.barcode},
            "scene_info": {"store_info": {"out_id": str(self.account.pk)}},
        }
        try:
            found = self._client.call("POST", f"{self._transactions}/codepay", body)
            # While the customer types the password WeChat Pay answers HTTP 202 with the state alone. Source:
            # pay.weixin.qq.com/doc/v3/merchant/4012525109, "codepay".
            if "out_trade_no" not in found and normal(read_text(found.get("trade_state"))) in PAYING_CODES:
                return self._still_paying(request, "USERPAYING")
            return self._result(found)
        except PlatformError as error:
            # The phone asks for the password: neither paid nor refused. Source: code-payment-v3, "codepay".
            if normal(error.platform_code) in PAYING_CODES:
                return self._still_paying(request, error.platform_code)
            raise

    @staticmethod
    def _still_paying(request: PaymentRequest, platform_state: str) -> PaymentResult:
        return PaymentResult(
            out_trade_no=request.out_trade_no, state=TradeState.UNPAID, platform_state=platform_state
        )

    def reverse(self, out_trade_no: str) -> bool:
        """Reverse a codepay payment; refused while the customer enters the password. The answer is empty: query."""
        fields = {k: v for k, v in self._party.order_fields().items() if k != "sub_appid"}
        self._client.call("POST", f"{self._trade_path(out_trade_no)}/reverse", fields)
        return False

    # -- money back, and the books ---------------------------------------------------------------

    def refund(self, request: RefundRequest) -> RefundResult:
        """200 means accepted. The same number again is the same refund; a new one would pay twice."""
        body: dict[str, Any] = {
            **self._refund_fields(),
            "out_trade_no": request.out_trade_no,
            "out_refund_no": request.out_refund_no,
            "amount": {"refund": request.amount, "total": request.paid_amount, "currency": request.currency},
        }
        if request.reason:
            # Counted in UTF-8 bytes. Source: integrators' reports; the documents say characters.
            body["reason"] = fit(request.reason, max_bytes=80, fallback="refund")
        if request.notify_url:
            body["notify_url"] = request.notify_url
        return read_wechat_refund(self._client.call("POST", self._refunds, body), request.out_refund_no)

    @sensitive_variables()
    def redirect_refund(self, redirect: RefundRedirect) -> RefundResult:
        """To a debit card of the customer's, or to the merchant's bank account. "One refund number is refunded once,
        however often it is asked for." Source: pay.weixin.qq.com/doc/v3/partner/4017150905, of 2026-01-09.
        """
        body = {
            **self._refund_fields(),
            "out_refund_no": redirect.out_refund_no,
            "type": "MERCHANT_BANK_CARD",
        }
        if redirect.account is not None:
            body |= {
                "type": "USER_BANK_CARD",
                "bank_type": redirect.account.bank,
                "bank_account": self._client.seal(redirect.account.number),
                "real_name": self._client.seal(redirect.account.holder),
            }
        path = f"{self._refunds}/{quote(redirect.refund_id, safe='')}/apply-abnormal-refund"
        return read_wechat_refund(self._client.call("POST", path, body), redirect.out_refund_no)

    def query_refund(self, out_trade_no: str, out_refund_no: str) -> RefundResult:
        """By our refund number."""
        try:
            found = self._client.call("GET", self._refund_path(out_refund_no))
        except PlatformError as error:
            if normal(error.platform_code) in NOT_FOUND_CODES:
                return RefundResult(
                    out_refund_no=out_refund_no,
                    state=RefundState.NOT_FOUND,
                    platform_state=error.platform_code,
                )
            raise
        return read_wechat_refund(found, out_refund_no)

    def fetch_bill(self, bill_type: str, day: date, into: IO[bytes]) -> FetchedBill | None:
        """The trade bill or a fund bill; what is asked first answers with the address and the hash."""
        return fetch_bill(self._client, bill_type, day, into)

    def bill_parties(self) -> BillParties:
        """The merchant, or the provider: its bill has all of its merchants."""
        return BillParties(merchants=frozenset({self._party.mchid}), own_party=self._party.sub_mchid)

    # -- notifications ---------------------------------------------------------------------------

    def read_notification(self, headers: Mapping[str, str], body: bytes) -> VerifiedNotification:
        """Signature over the raw bytes, then the seal, then the content."""
        # WeChat Pay sends false signatures on purpose (WECHATPAY/SIGNTEST/...) and counts a 200 as a fault.
        # Source: wechatpay-skills, "Notifications".
        self._client.verify(headers, body)
        event = open_event(body, self.account.secret("apiv3_key"))
        result = refund = None
        if event.kind.startswith("TRANSACTION."):
            result = self._result(event.content)
        elif event.kind.startswith("REFUND."):
            self._party.check(event.content, with_appid=False)
            refund = read_wechat_refund(event.content, read_text(event.content.get("out_refund_no")))
        return VerifiedNotification(
            event_id=event.id, kind=event.kind, body=event.text, result=result, refund=refund
        )

    def acknowledge(self, accepted: bool) -> Acknowledgement:
        """200 and SUCCESS, or 400 and FAIL: WeChat Pay then tries again, 15 times in 24 hours."""
        return acknowledgement(accepted)

    # -- what the Hong Kong family does differently ----------------------------------------------

    _refunds = "/v3/refund/domestic/refunds"
    _number_name = "transaction_id"
    _prepay_names: ClassVar[Mapping[str, str]] = PREPAY_NAMES

    @property
    def _transactions(self) -> str:
        return "/v3/pay/partner/transactions" if self._party.is_partner else "/v3/pay/transactions"

    def _order_path(self, request: PaymentRequest) -> str:
        return f"{self._transactions}/{request.product}"

    def _trade_path(self, out_trade_no: str) -> str:
        return f"{self._transactions}/out-trade-no/{quote(out_trade_no, safe='')}"

    def _refund_path(self, out_refund_no: str) -> str:
        path = f"{self._refunds}/{quote(out_refund_no, safe='')}"
        return f"{path}?{urlencode(self._party.sub_fields())}" if self._party.is_partner else path

    def _refund_fields(self) -> dict[str, str]:
        return self._party.sub_fields()

    def _order_body(self, request: PaymentRequest) -> dict[str, Any]:
        body: dict[str, Any] = {
            **self._party.order_fields(),
            "description": fit(request.title, max_bytes=127, fallback=request.out_trade_no),
            "out_trade_no": request.out_trade_no,
            # The first order sets it for good. The latest moment to pay, not a close. Source:
            # pay.weixin.qq.com/doc/v3/merchant/4012791897.
            "time_expire": request.expires_at.astimezone(CHINA).isoformat(timespec="seconds"),
            # With a query string it is refused; its path says whose it is. Source: the same page.
            "notify_url": request.notify_url,
            "amount": {"total": request.amount, "currency": request.currency},
            **self.reference_content(request),
        }
        if request.payer is not None:
            # No other account can pay it then ("the account that orders is not the account that pays").
            body["payer"] = self._party.payer_fields(request.payer.id)
        if request.product == "h5":
            # WeChat compares it with the address the customer pays from.
            body["scene_info"] = {"payer_client_ip": request.client_ip, **self._scene(request)}
        return body

    def _scene(self, request: PaymentRequest) -> dict[str, Any]:
        """What an H5 order says of the page beside the payer's address."""
        return {"h5_info": {"type": "Wap"}}

    def _result(self, found: Mapping[str, Any]) -> PaymentResult:
        self._party.check(found)
        return read_transaction(found, number_name=self._number_name)
