"""The servers of TeaPay, a wallet that exists in these tests only, and a shop that takes it."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests

from scanforpay_django.conf import DEFAULT_WALLETS
from scanforpay_django.models import WalletAccount
from tests.merchant import Merchant

KEY = "tea-shop-key"


def sign(raw: bytes) -> str:
    return hmac.new(KEY.encode(), raw, hashlib.sha256).hexdigest()


@dataclass
class TeaPlatform:
    """TeaPay's servers: trades by our number, refunds by theirs."""

    url: str = ""
    trades: dict[str, dict[str, Any]] = field(default_factory=dict)
    refunds: dict[str, int] = field(default_factory=dict)

    def do(self, method: str, asked: dict[str, Any]) -> dict[str, Any]:
        """One call."""
        number = asked.get("out_trade_no", "")
        if method in ("create", "charge"):
            fresh = {**asked, "trade": f"tea{len(self.trades)}", "state": "waiting"}
            trade = self.trades.setdefault(number, fresh)
            if method == "charge":
                trade["state"] = "paid"
            return trade
        if method == "refund":
            self.refunds[asked["out_refund_no"]] = asked["amount"]
            return {}
        if method == "query_refund":
            return {"amount": self.refunds.get(asked["out_refund_no"])}
        trade = self.trades.get(number, {"shop": asked["shop"], "out_trade_no": number})
        if method == "close" and trade.get("state") == "paid":
            return {"error": "PAID"}
        if method in ("close", "reverse"):
            trade["state"] = "closed"
        return trade

    def pay(self, trade_no: str) -> None:
        """The customer confirms in the app; the platform notifies the merchant's side."""
        trade = next(one for one in self.trades.values() if one["trade"] == trade_no)
        trade["state"] = "paid"
        raw = json.dumps({**trade, "event": f"e-{trade_no}"}).encode()
        answer = requests.post(trade["notify_url"], data=raw, headers={"Tea-Sign": sign(raw)}, timeout=10)
        assert answer.text == "ok", answer.status_code


@pytest.fixture
def platform() -> Iterator[TeaPlatform]:
    """TeaPay on a loopback port."""
    platform = TeaPlatform()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw, method = self.rfile.read(int(self.headers["Content-Length"])), self.path.strip("/")
            if self.headers.get("Tea-Sign") != sign(raw):
                found = json.dumps({"error": "BAD_SIGN"}).encode()
            else:
                found = json.dumps(platform.do(method, json.loads(raw))).encode()
            self.send_response(200)
            self.send_header("Tea-Sign", sign(found))
            self.send_header("Content-Length", str(len(found)))
            self.end_headers()
            self.wfile.write(found)

        def log_message(self, *args: object) -> None:
            """Write nothing to the tests' output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    platform.url = f"http://127.0.0.1:{server.server_port}"
    yield platform
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def tea(merchant: Merchant, platform: TeaPlatform, settings: Any) -> Merchant:
    """A shop with a TeaPay account: the one line, and where this test's platform is."""
    settings.SCANFORPAY_WALLETS = {**DEFAULT_WALLETS, "TeaPay": "tests.wallets.tea_pay.TeaPayWallet"}
    settings.SCANFORPAY_PLATFORM_HOSTS = {"production": {"TeaPay": {"api": platform.url}}}
    account = WalletAccount(store=merchant.store, wallet="TeaPay", config={"shop": "s1"})
    account.set_secrets({"key": KEY})
    account.save()
    return merchant


def create(merchant: Merchant, **changes: Any) -> str:
    made = merchant.create(wallet="TeaPay", **changes)
    assert made["code"] == 1, made
    return str(made["payUrl"])
