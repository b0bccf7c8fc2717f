"""Alipay OpenAPI v2 (mainland): trade.create with tradePay, wap.pay, precreate, barcode.

Sources: opendocs.alipay.com (alipay.trade.*, asynchronous notification); alipay-sdk-java-all.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import IO, Any
from urllib.parse import quote, urlencode

from scanforpay_django import money
from scanforpay_django.exceptions import (
    PlatformError,
    PlatformRefused,
    PlatformSaysPaid,
    PlatformSignatureInvalid,
    PlatformTimeout,
    SignInExpired,
)
from scanforpay_django.wallets.alipay.bill_download import fetch_bill
from scanforpay_django.wallets.alipay.client import BEIJING, CODE_IN_PROCESS, PASSING_CODES, AlipayClient
from scanforpay_django.wallets.alipay.doubts import find_doubts
from scanforpay_django.wallets.alipay.facts import AlipayFacts
from scanforpay_django.wallets.alipay.messages import (
    CURRENCY,
    moment,
    read_alipay_refund,
    read_alipay_trade,
)
from scanforpay_django.wallets.alipay.trade_list import list_trades
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
    RefundRequest,
    RefundResult,
    RefundState,
    TradeState,
    VerifiedNotification,
)
from scanforpay_django.wallets.platform_text import fit

NOT_FOUND_CODE = "ACQ.TRADE_NOT_EXIST"
_CREATE_METHODS = {
    "trade_create": "alipay.trade.create",
    "precreate": "alipay.trade.precreate",
    "wap": "alipay.trade.wap.pay",
}


class AlipayWallet(AlipayFacts):
    """Alipay in mainland China, orders in CNY."""

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self._client = AlipayClient(account)

    # -- who pays --------------------------------------------------------------------------------

    def authorize_url(self, redirect_uri: str, state: str) -> str:
        """OAuth with scope auth_base, which asks the customer nothing."""
        query = {"app_id": self.account.value("app_id"), "scope": "auth_base"}
        query |= {"redirect_uri": redirect_uri, "state": state}
        return f"{self.account.host('authorize')}?{urlencode(query)}"

    def payer_from_callback(self, params: Mapping[str, str]) -> Payer:
        """The buyer behind an auth_code. New apps get open_id instead of user_id."""
        if not params.get("auth_code"):
            raise SignInExpired("the customer did not sign in")
        extra = {"grant_type": "authorization_code", "code": params["auth_code"]}
        found = self._client.call("alipay.system.oauth.token", extra)
        for name in ("user_id", "open_id"):
            if isinstance(found.get(name), str) and found[name]:
                return Payer(id=found[name], kind=name)
        raise PlatformError("Alipay did not tell who pays")

    # -- a payment's life ------------------------------------------------------------------------

    def create(self, request: PaymentRequest) -> Prepay:
        """The same parameters again answer the same trade. wap.pay makes no call at all."""
        content = self._content(request)
        # The trade is made when the customer signs in there: until then a query knows none, which means unpaid.
        # Source: opendocs.alipay.com, "alipay.trade.wap.pay".
        if request.product == "wap":
            kept = {"notify_url": request.notify_url, "return_url": request.return_url}
            return Prepay(data={"content": json.dumps(content), **kept}, expires_at=None)
        found = self._client.call(
            _CREATE_METHODS[request.product], {"notify_url": request.notify_url}, content
        )
        name = "trade_no" if request.product == "trade_create" else "qr_code"
        # The same number with other parameters is ACQ.CONTEXT_INCONSISTENT, by another buyer
        # ACQ.TRADE_BUYER_NOT_MATCH. Source: alipay-sdk-java, "alipay.trade.create".
        if found.get("out_trade_no") != request.out_trade_no or not found.get(name):
            raise PlatformError("Alipay answered for another trade")
        return Prepay(data={name: str(found[name])}, expires_at=None)

    def action(self, product: str, prepay: Mapping[str, str]) -> PayAction:
        """tradePay (the key is spelled tradeNO), a signed address, or a code."""
        if product == "wap":
            extra = {"notify_url": prepay["notify_url"], "return_url": prepay["return_url"]}
            url = self._client.page_url(_CREATE_METHODS["wap"], extra, json.loads(prepay["content"]))
            return PayAction(kind="redirect", params={"url": url})
        # The first who scans it is its buyer.
        if product == "precreate":
            return PayAction(kind="code", params={"url": prepay["qr_code"]})
        return PayAction(kind="bridge", params={"tradeNO": prepay["trade_no"]})

    def query(self, out_trade_no: str) -> PaymentResult:
        """alipay.trade.query by our number."""
        try:
            found = self._client.call("alipay.trade.query", content={"out_trade_no": out_trade_no})
        except PlatformError as error:
            if error.platform_code == NOT_FOUND_CODE:
                return PaymentResult(
                    out_trade_no=out_trade_no, state=TradeState.NOT_FOUND, platform_state=NOT_FOUND_CODE
                )
            raise
        # A query names the moment send_pay_date, a notification gmt_payment.
        return read_alipay_trade(found, paid_at=found.get("send_pay_date"))

    def close(self, out_trade_no: str) -> None:
        """alipay.trade.close, never cancel: that would give a paid trade's money back."""
        try:
            self._client.call("alipay.trade.close", content={"out_trade_no": out_trade_no})
        except PlatformError as error:
            if error.platform_code == "ACQ.TRADE_STATUS_ERROR":
                raise PlatformSaysPaid(str(error), platform_code=error.platform_code) from error
            # A wap trade that the customer never opened; the query afterwards says so too.
            if error.platform_code != NOT_FOUND_CODE:
                raise

    def pay_by_barcode(self, request: PaymentRequest) -> PaymentResult:
        """alipay.trade.pay: 10000 is paid, 10003 waits for the customer's password.

        Without notify_url: what is paid while it is being reversed must not be applied meanwhile.
        """
        content = {**self._content(request), "scene": "bar_code", "auth_code": request.barcode}
        try:
            found = self._client.call("alipay.trade.pay", content=content)
        except PlatformError as error:
            if error.platform_code in PASSING_CODES:
                raise PlatformTimeout(str(error), platform_code=error.platform_code) from error
            raise
        if str(found.get("code")) == CODE_IN_PROCESS:
            return PaymentResult(
                out_trade_no=request.out_trade_no, state=TradeState.UNPAID, platform_state=CODE_IN_PROCESS
            )
        return read_alipay_trade({**found, "trade_status": "TRADE_SUCCESS"}, paid_at=found.get("gmt_payment"))

    def reverse(self, out_trade_no: str) -> bool:
        """alipay.trade.cancel: for a barcode whose outcome is not known it is right, whether it was paid or not.

        ``action`` says that the trade was closed or its money given back.
        """
        found = self._client.call("alipay.trade.cancel", content={"out_trade_no": out_trade_no})
        is_ours = found.get("out_trade_no") == out_trade_no
        return is_ours and found.get("retry_flag") != "Y" and found.get("action") in ("close", "refund")

    # -- money back, and the books ---------------------------------------------------------------

    def refund(self, request: RefundRequest) -> RefundResult:
        """Money moved only where fund_change says Y; refund_fee is the sum of all refunds, not this one."""
        content = {
            "out_trade_no": request.out_trade_no,
            "refund_amount": money.to_major(request.amount, CURRENCY),
            "out_request_no": request.out_refund_no,
        }
        if request.reason:
            content["refund_reason"] = fit(request.reason, max_bytes=256, fallback="refund")
        found = self._client.call("alipay.trade.refund", content=content)
        if found.get("out_trade_no") != request.out_trade_no:
            raise PlatformSignatureInvalid("Alipay answered for another trade")
        moved = found.get("fund_change") == "Y"
        return RefundResult(
            out_refund_no=request.out_refund_no,
            state=RefundState.SUCCEEDED if moved else RefundState.PROCESSING,
            platform_state=str(found.get("fund_change", "")),
            amount=request.amount if moved else None,
            refunded_at=moment(found.get("gmt_refund_pay")),
            raw=dict(found),
        )

    def query_refund(self, out_trade_no: str, out_refund_no: str) -> RefundResult:
        """Refunded if and only if refund_status says so; ask ten seconds after the refund at the earliest."""
        asked = {
            "out_trade_no": out_trade_no,
            "out_request_no": out_refund_no,
            # left out of the answer unless it is asked for
            "query_options": ["gmt_refund_pay"],
        }
        try:
            return read_alipay_refund(
                self._client.call("alipay.trade.fastpay.refund.query", content=asked), out_refund_no
            )
        except PlatformError as error:
            if error.platform_code != NOT_FOUND_CODE:
                raise
        return RefundResult(
            out_refund_no=out_refund_no, state=RefundState.NOT_FOUND, platform_state=NOT_FOUND_CODE
        )

    def fetch_bill(self, bill_type: str, day: date, into: IO[bytes]) -> FetchedBill | None:
        """The address is asked for, and lives half a minute. There is no hash."""
        return fetch_bill(self._client, bill_type, day, into)

    def list_payments(self, since: datetime, until: datetime) -> Iterator[PaymentResult]:
        """alipay.data.bill.sell.query, page after page."""
        return list_trades(self._client, since, until)

    def bill_parties(self) -> BillParties:
        """The seller's PID, where the account has it."""
        return BillParties(merchants=frozenset({self.account.value("seller_id")} - {""}))

    # -- notifications ---------------------------------------------------------------------------

    def read_notification(self, headers: Mapping[str, str], body: bytes) -> VerifiedNotification:
        """Every received field but sign and sign_type, blank ones too, decoded once."""
        params = self._client.verify_form(body)
        if params.get("app_id") != self.account.value("app_id"):
            raise PlatformSignatureInvalid("the message is for another application")
        if params.get("seller_id") != self.account.value("seller_id"):
            raise PlatformSignatureInvalid("the message is for another seller")
        event_id = params.get("notify_id", "")[:128]
        if not event_id:
            raise PlatformSignatureInvalid("the message has no notify_id")
        kept = {k: v for k, v in params.items() if k not in ("sign", "sign_type")}
        doubts = find_doubts(params, self.notification_fields)
        kind = params.get("trade_status", "")[:64]
        result = read_alipay_trade(kept, paid_at=params.get("gmt_payment")) if kind else None
        return VerifiedNotification(
            event_id=event_id,
            kind=kind,
            body=json.dumps(kept, ensure_ascii=False),
            result=self._confirmed(result, doubts) if result else None,
            doubts=doubts,
        )

    def _confirmed(self, notified: PaymentResult, doubts: str) -> PaymentResult:
        """The message's word, unless it is doubtful or an ISV's, whose application serves many merchants: then our own
        question, which the merchant's token makes about this merchant's trades alone, has to say the same.
        """
        if not doubts and not self.account.secret("app_auth_token"):
            return notified
        try:
            asked = self.query(notified.out_trade_no)
        except PlatformSignatureInvalid:
            raise
        except PlatformError as error:
            raise PlatformSignatureInvalid("the trade could not be asked about") from error
        if doubts:
            return asked
        said = (notified.state, notified.trade_no, notified.amount)
        if (asked.state, asked.trade_no, asked.amount) != said:
            raise PlatformSignatureInvalid("the platform says otherwise of our trade of this number")
        return notified

    def acknowledge(self, accepted: bool) -> Acknowledgement:
        """Exactly the seven bytes ``success``; anything else is tried again, 8 times in 25 hours."""
        return Acknowledgement(
            status=200 if accepted else 400,
            content_type="text/plain",
            body=b"success" if accepted else b"fail",
        )

    def _content(self, request: PaymentRequest) -> dict[str, Any]:
        if request.currency != CURRENCY:
            raise PlatformRefused(f"this gateway takes {CURRENCY}, not {request.currency}")
        content: dict[str, Any] = {
            "out_trade_no": request.out_trade_no,
            "total_amount": money.to_major(request.amount, CURRENCY),
            "subject": fit(request.title, max_bytes=256, forbidden="/=&", fallback=request.out_trade_no),
            "product_code": "FACE_TO_FACE_PAYMENT",
            # Who collects is said and compared: an application may serve several sellers.
            "seller_id": self.account.value("seller_id"),
            # to the second, on Beijing's clock; wins over timeout_express
            "time_expire": request.expires_at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S"),
        }
        if reference := self.reference_content(request):
            # To be URL-encoded by the sender, and sent back so. Source: opendocs.alipay.com, alipay.trade.wap.pay.
            content |= {name: quote(value, safe="") for name, value in reference.items()}
        if request.product == "wap":
            # The mainland product's code; QUICK_WAP_PAY, seen in libraries, is wrong.
            content |= {"product_code": "QUICK_WAP_WAY", "quit_url": request.return_url}
        if request.product == "trade_create":
            # The account's own product, JSAPI_PAY say, is that of pages opened in the app.
            given = {name: self.account.value(name) for name in ("product_code", "op_app_id")}
            content |= {name: value for name, value in given.items() if value}
        if self.account.value("provider_id"):
            content["extend_params"] = {"sys_service_provider_id": self.account.value("provider_id")}
        if request.payer is not None:
            # New applications, from 2024 on, are given an open_id and no user_id. Source: alipay-sdk-java.
            content["buyer_id" if request.payer.kind == "user_id" else "buyer_open_id"] = request.payer.id
        return content
