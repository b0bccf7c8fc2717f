"""Fixtures: a live server with the sandbox on a real loopback port, and a merchant who is notified on another."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from scanforpay_django.sandbox.merchants import issue_alipay_credentials, issue_wechat_credentials
from scanforpay_django.sandbox.notify import stop_all
from tests.merchant import Merchant, seed_merchant
from tests.phone import Phone


@dataclass
class Shop:
    """A merchant's server: keeps what it was told, answers ``success``."""

    url: str = ""
    bodies: list[bytes] = field(default_factory=list)
    answer: bytes = b"success"

    def told(self) -> list[dict]:
        """The bodies of the notifications."""
        return [json.loads(raw)["response"]["body"] for raw in self.bodies]


@pytest.fixture
def shop() -> Iterator[Shop]:
    """A listening shop."""
    shop = Shop()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            shop.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", str(len(shop.answer)))
            self.end_headers()
            self.wfile.write(shop.answer)

        def log_message(self, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    shop.url = f"http://127.0.0.1:{server.server_port}/notify"
    yield shop
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def house(live_server, settings) -> Iterator[str]:
    """The address of everything: API, pages, sandbox."""
    settings.SCANFORPAY_BASE_URL = live_server.url
    settings.SCANFORPAY_SANDBOX_URL = f"{live_server.url}/sandbox"
    yield live_server.url
    stop_all()


@pytest.fixture
def merchant(house: str) -> Merchant:
    """Partner 10001 with accounts at the sandbox that can pay."""
    merchant = seed_merchant()
    for wallet, issue in (("Wechat", issue_wechat_credentials), ("Alipay", issue_alipay_credentials)):
        account = merchant.store.wallet_accounts.get(wallet=wallet)
        account.config, secrets = issue()
        account.set_secrets(secrets)
        account.save()
    return merchant


@pytest.fixture
def phones(house: str) -> Iterator[callable]:
    """Makes phones that are put away afterwards."""
    made: list[Phone] = []

    def make(app: str) -> Phone:
        made.append(Phone(app=app, root=house))
        return made[-1]

    yield make
    for phone in made:
        phone.close()
