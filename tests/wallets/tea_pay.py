"""TeaPay, an imaginary wallet: everything that adding one takes. docs/adding-a-wallet.md explains it hook by hook."""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from typing import Any

from scanforpay_django.exceptions import (
    PlatformError,
    PlatformRefused,
    PlatformSaysPaid,
    PlatformSignatureInvalid,
)
from scanforpay_django.wallets.base import (
    Account,
    Acknowledgement,
    App,
    Credential,
    Kind,
    Limits,
    PayAction,
    PaymentRequest,
    PaymentResult,
    Prepay,
    Product,
    RefundRequest,
    RefundResult,
    RefundState,
    TradeState,
    VerifiedNotification,
    Wallet,
)
from scanforpay_django.wallets.platform_client import PlatformClient, parse_object

STATES = {"waiting": TradeState.UNPAID, "paid": TradeState.PAID, "closed": TradeState.CLOSED}


class TeaPayWallet(Wallet):
    """TeaPay takes CNY in its app, by its bridge, and codes that a till scans."""

    # -- what every wallet sets --------------------------------------------------------------------

    name = "TeaPay"
    slug = "teapay"
    label = "TeaPay"
    app_label = "the TeaPay app"
    products = {
        "page": Product(name="page", kind=Kind.BRIDGE, label="In the TeaPay app"),
        "till": Product(name="till", kind=Kind.BARCODE, label="Merchant scans"),
    }
    credentials = (
        Credential(name="shop", label="Shop number", identifies=True),
        Credential(name="key", label="Shop key", secret=True),
    )

    # -- where it is paid --------------------------------------------------------------------------

    hosts = {"production": {"api": "https://api.teapay.example"}}
    apps = (App(name="teapay", user_agent=re.compile(r"\bTeaPay/\d")),)
    bridge_script = """
        window.scanforpayBridge = {
          object: "TeaPayBridge",
          ready: "TeaPayBridgeReady",
          call: function (params, answer) {
            window.TeaPayBridge.pay(params.trade, params.sign, function (result) { answer(result === "cancelled"); });
          }
        };
    """
    barcode_pattern = r"77\d{16}"
    barcode_rule = "18 digits that begin with 77"

    # -- what it can do ----------------------------------------------------------------------------

    can_refund = True
    limits = Limits(refund_days=90)
    transient_codes = frozenset({"BUSY"})
    error_words = {"BADSIGN": "TeaPay refuses our signature: is the shop key the right one?"}

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self._http = PlatformClient(url for _name, url in account.hosts)

    def create(self, request: PaymentRequest) -> Prepay:
        found = self._call(
            "create",
            out_trade_no=request.out_trade_no,
            amount=request.amount,
            title=request.title,
            notify_url=request.notify_url,
        )
        return Prepay(data={"trade": str(found["trade"])}, expires_at=None)

    def action(self, product: str, prepay: Mapping[str, str]) -> PayAction:
        return PayAction(
            kind="bridge", params={"trade": prepay["trade"], "sign": self._sign(prepay["trade"].encode())}
        )

    def query(self, out_trade_no: str) -> PaymentResult:
        return self._read(self._call("query", out_trade_no=out_trade_no))

    def close(self, out_trade_no: str) -> None:
        self._call("close", out_trade_no=out_trade_no)

    def pay_by_barcode(self, request: PaymentRequest) -> PaymentResult:
        return self._read(
            self._call(
                "charge", out_trade_no=request.out_trade_no, amount=request.amount, barcode=request.barcode
            )
        )

    def reverse(self, out_trade_no: str) -> bool:
        return self._call("reverse", out_trade_no=out_trade_no).get("state") == "closed"

    def refund(self, request: RefundRequest) -> RefundResult:
        self._call(
            "refund",
            out_trade_no=request.out_trade_no,
            out_refund_no=request.out_refund_no,
            amount=request.amount,
        )
        return RefundResult(
            out_refund_no=request.out_refund_no, state=RefundState.SUCCEEDED, amount=request.amount
        )

    def query_refund(self, out_trade_no: str, out_refund_no: str) -> RefundResult:
        found = self._call("query_refund", out_refund_no=out_refund_no)
        state = RefundState.SUCCEEDED if found.get("amount") else RefundState.NOT_FOUND
        return RefundResult(out_refund_no=out_refund_no, state=state, amount=found.get("amount"))

    # -- notifications: verify the received bytes, then parse ----------------------------------------

    def read_notification(self, headers: Mapping[str, str], body: bytes) -> VerifiedNotification:
        self._verify(headers.get("Tea-Sign", ""), body)
        trade = parse_object(body)
        return VerifiedNotification(
            event_id=str(trade["event"]), kind="trade", body=body.decode(), result=self._read(trade)
        )

    def acknowledge(self, accepted: bool) -> Acknowledgement:
        return Acknowledgement(status=200 if accepted else 503, content_type="text/plain", body=b"ok")

    # -- the wire ------------------------------------------------------------------------------------

    def _sign(self, message: bytes) -> str:
        return hmac.new(self.account.secret("key").encode(), message, hashlib.sha256).hexdigest()

    def _verify(self, signature: str, body: bytes) -> None:
        if not hmac.compare_digest(self._sign(body).encode(), signature.encode()):
            raise PlatformSignatureInvalid

    def _call(self, method: str, **fields: Any) -> dict[str, Any]:
        """One signed call; the verified answer. Raises the PlatformError tree."""
        body = json.dumps({"shop": self.account.value("shop"), **fields}).encode()
        url = f"{self.account.host('api')}/{method}"
        answer = self._http.call("POST", url, {"Tea-Sign": self._sign(body)}, body)
        self._verify(answer.headers.get("Tea-Sign", ""), answer.body)
        found = parse_object(answer.body)
        code = str(found.get("error", ""))
        if code == "PAID":
            raise PlatformSaysPaid(platform_code=code)
        if code:
            kind = PlatformError if code in self.transient_codes else PlatformRefused
            raise kind(f"TeaPay: {code}", platform_code=code)
        return found

    def _read(self, trade: Mapping[str, Any]) -> PaymentResult:
        if trade.get("shop") != self.account.value("shop"):
            raise PlatformSignatureInvalid("the message is for another shop")
        return PaymentResult(
            out_trade_no=str(trade["out_trade_no"]),
            state=STATES.get(str(trade.get("state")), TradeState.NOT_FOUND),
            platform_state=str(trade.get("state", "")),
            amount=trade.get("amount"),
            currency="CNY",
            trade_no=str(trade.get("trade", "")),
        )
