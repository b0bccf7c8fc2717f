"""A wallet of the tests' own, put into SCANFORPAY_WALLETS: its platform is a dict, and it does as it is told."""

import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar

import pytest

from scanforpay_django import clock
from scanforpay_django.exceptions import (
    PlatformError,
    PlatformRefused,
    PlatformSaysPaid,
    PlatformSignatureInvalid,
    PlatformTimeout,
    PlatformUnreachable,
)
from scanforpay_django.flows.configured_wallet import find_order_wallets
from scanforpay_django.flows.start_payment import Attempt, start_payment
from scanforpay_django.models import Order
from scanforpay_django.wallets.alipay.apps import ALIPAY
from scanforpay_django.wallets.alipay.wallet import AlipayWallet
from scanforpay_django.wallets.base import (
    Acknowledgement,
    Credential,
    Kind,
    PayAction,
    Payer,
    PaymentRequest,
    PaymentResult,
    Prepay,
    Product,
    RefundRedirect,
    RefundRequest,
    RefundResult,
    RefundState,
    TradeState,
    VerifiedNotification,
    Wallet,
)
from scanforpay_django.wallets.wechat.apps import WECHAT
from scanforpay_django.wallets.wechat.wallet import WeChatWallet

STATES = {
    None: TradeState.NOT_FOUND,
    "open": TradeState.UNPAID,
    "closed": TradeState.CLOSED,
    "paid": TradeState.PAID,
}


@dataclass
class Platform:
    """Trades by number, scripted answers by call, and how often a call goes wrong by itself."""

    trades: dict[str, str] = field(default_factory=dict)
    # trade number -> the wallet that it was made with: another wallet's platform does not know it
    makers: dict[str, str] = field(default_factory=dict)
    # refund number -> amount given back
    refunds: dict[str, int] = field(default_factory=dict)
    # those sent another way, in their order
    redirects: list[RefundRedirect] = field(default_factory=list)
    # call -> an exception to raise, or what to do instead
    script: dict[str, Exception | Callable[..., Any]] = field(default_factory=dict)
    faults: float = 0
    slow_seconds: float = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def wire(self, *, after: bool = False) -> None:
        """The way there (or back), with its accidents."""
        if self.slow_seconds:
            time.sleep(random.random() * self.slow_seconds)
        if self.faults and random.random() < self.faults:
            errors = (
                [PlatformTimeout()] if after else [PlatformUnreachable(), PlatformError(), PlatformRefused()]
            )
            raise random.choice(errors)

    def pay(self, number: str) -> bool:
        """The customer pays; False when the trade cannot be paid."""
        with self.lock:
            if self.trades.get(number) != "open":
                return False
            self.trades[number] = "paid"
            return True


PLATFORM = Platform()


class ScriptedWallet(Wallet):
    """Speaks to PLATFORM."""

    name = "Wechat"
    slug = "scripted"
    label = app_label = "Scripted"
    products: ClassVar[Mapping[str, Product]] = {
        "page": Product(name="page", kind=Kind.BRIDGE, label="page", needs_payer=True)
    }
    apps = (WECHAT,)
    bridge_script = WeChatWallet.bridge_script
    credentials: ClassVar[tuple[Credential, ...]] = (
        Credential(name="mchid", label="Merchant", required=False, identifies=True),
    )
    returned_kinds = frozenset({"RETURNED"})

    def _do(self, call: str, real: Callable[[], Any]) -> Any:
        scripted = PLATFORM.script.get(call)
        if isinstance(scripted, Exception):
            raise scripted
        return scripted(real) if scripted else real()

    def create(self, request: PaymentRequest) -> Prepay:
        return self._do("create", lambda: self._create(request.out_trade_no))

    def _create(self, number: str) -> Prepay:
        PLATFORM.wire()
        with PLATFORM.lock:
            assert PLATFORM.makers.setdefault(number, self.name) == self.name
            state = PLATFORM.trades.setdefault(number, "open")
        if state == "closed":
            raise PlatformRefused
        if state == "paid":
            raise PlatformSaysPaid
        PLATFORM.wire(after=True)
        return Prepay(data={"number": number}, expires_at=clock.now() + timedelta(hours=2))

    def action(self, product: str, prepay: Mapping[str, str]) -> PayAction:
        return PayAction(kind="bridge", params=dict(prepay))

    def query(self, out_trade_no: str) -> PaymentResult:
        scripted = PLATFORM.script.get("query")
        if callable(scripted):
            return scripted(out_trade_no)
        return self._do("query", lambda: self._query(out_trade_no))

    def _query(self, number: str) -> PaymentResult:
        PLATFORM.wire()
        is_ours = PLATFORM.makers.get(number, self.name) == self.name
        state = STATES[PLATFORM.trades.get(number) if is_ours else None]
        return PaymentResult(
            out_trade_no=number, state=state, amount=2100, currency="CNY", trade_no=f"t{number}"
        )

    def close(self, out_trade_no: str) -> None:
        self._do("close", lambda: self._close(out_trade_no))

    def _close(self, number: str) -> None:
        PLATFORM.wire()
        with PLATFORM.lock:
            if PLATFORM.trades.get(number) == "paid":
                raise PlatformSaysPaid
            if number in PLATFORM.trades:
                PLATFORM.trades[number] = "closed"
        PLATFORM.wire(after=True)

    can_refund = True

    def refund(self, request: RefundRequest) -> RefundResult:
        return self._do("refund", lambda: self._refund(request))

    def _refund(self, request: RefundRequest) -> RefundResult:
        PLATFORM.wire()
        with PLATFORM.lock:
            PLATFORM.refunds.setdefault(request.out_refund_no, request.amount)
        PLATFORM.wire(after=True)
        return RefundResult(
            out_refund_no=request.out_refund_no, state=RefundState.SUCCEEDED, amount=request.amount
        )

    can_redirect_refunds = True
    refund_banks: ClassVar[Mapping[str, str]] = {"TEA_DEBIT": "Tea Bank"}

    def redirect_refund(self, redirect: RefundRedirect) -> RefundResult:
        return self._do("redirect_refund", lambda: self._redirect_refund(redirect))

    def _redirect_refund(self, redirect: RefundRedirect) -> RefundResult:
        PLATFORM.wire()
        with PLATFORM.lock:
            PLATFORM.redirects.append(redirect)
        PLATFORM.wire(after=True)
        return RefundResult(out_refund_no=redirect.out_refund_no, state=RefundState.PROCESSING)

    def query_refund(self, out_trade_no: str, out_refund_no: str) -> RefundResult:
        return self._do("query_refund", lambda: self._query_refund(out_refund_no))

    def _query_refund(self, number: str) -> RefundResult:
        PLATFORM.wire()
        state = RefundState.SUCCEEDED if number in PLATFORM.refunds else RefundState.NOT_FOUND
        return RefundResult(out_refund_no=number, state=state, amount=PLATFORM.refunds.get(number))

    def authorize_url(self, redirect_uri: str, state: str) -> str:
        return f"{redirect_uri}?state={state}&code=payer-1"

    def payer_from_callback(self, params: Mapping[str, str]) -> Payer:
        return Payer(id=params["code"], kind="openid")

    def read_notification(self, headers: Mapping[str, str], body: bytes) -> VerifiedNotification:
        if not body.startswith(b"paid "):
            raise PlatformSignatureInvalid
        number = body.decode().removeprefix("paid ")
        return VerifiedNotification(event_id=f"e{number}", kind="paid", body="", result=self._query(number))

    def acknowledge(self, accepted: bool) -> Acknowledgement:
        return Acknowledgement(status=200 if accepted else 400, content_type="text/plain", body=b"")


class SecondScriptedWallet(ScriptedWallet):
    """Another app's wallet at the same platform."""

    name = "Alipay"
    slug = "scripted-second"
    label = app_label = "Second"
    apps = (ALIPAY,)
    bridge_script = AlipayWallet.bridge_script


@pytest.fixture
def platform(settings: Any) -> Platform:
    """A fresh platform, and the wallet that speaks to it in WeChat Pay's place."""
    global PLATFORM
    PLATFORM = Platform()
    settings.SCANFORPAY_WALLETS = {"Wechat": "tests.scripted.ScriptedWallet"}
    settings.SCANFORPAY_PLATFORM_HOSTS = {"local_sandbox": {"Wechat": {"api": "http://127.0.0.1:9"}}}
    return PLATFORM


@pytest.fixture
def two_wallets(platform: Platform, settings: Any) -> Platform:
    """The same with a second wallet."""
    settings.SCANFORPAY_WALLETS = {
        "Wechat": "tests.scripted.ScriptedWallet",
        "Alipay": "tests.scripted.SecondScriptedWallet",
    }
    hosts = {"api": "http://127.0.0.1:9"}
    settings.SCANFORPAY_PLATFORM_HOSTS = {"local_sandbox": {"Wechat": hosts, "Alipay": hosts}}
    return platform


def start(order: Order, payer: str, wallet: str = "") -> PayAction:
    """Somebody opens the page in the app; the wallet matters where the order takes any."""
    found = find_order_wallets(order)
    configured = next((one for one in found if one.backend.wire_name() == wallet), found[0])
    attempt = Attempt(configured=configured, product="page", payer=Payer(id=payer, kind="openid"))
    return start_payment(order, attempt)
