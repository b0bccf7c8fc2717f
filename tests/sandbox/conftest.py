"""Merchants at the sandbox, and a listener for its notifications."""

import itertools
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.test import Client

from scanforpay_django.sandbox import keys, merchants, notify
from scanforpay_django.sandbox.merchants import issue_alipay_credentials, issue_wechat_credentials
from tests.merchant import seed_merchant
from tests.sandbox import pay_pages
from tests.sandbox.families import Direct, FullAlipay, sheet_of
from tests.sandbox.merchant import Alipay, Wechat


@pytest.fixture
def wechat(client, db):
    return Wechat(client, issue_wechat_credentials())


@pytest.fixture
def alipay(client, db):
    return Alipay(client, issue_alipay_credentials())


@pytest.fixture
def stranger():
    """Another phone."""
    return Client()


@pytest.fixture
def pay(client):
    """Make a bridge call in the wallet."""

    def call(kind, params, outcome="pay", by=None):
        asked = {"kind": kind, "params": params, "outcome": outcome}
        return (by or client).post("/sandbox/wallet/pay", asked, content_type="application/json").json()

    return call


class Listener:
    """A merchant's notify address on the loopback. Answers ``answers`` one by one, then the last again."""

    def __init__(self):
        self.received = []
        self.answers = [(200, b"")]
        self.changed = threading.Condition()
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with listener.changed:
                    listener.received.append((dict(self.headers), body))
                    status, text = listener.answers[min(len(listener.received), len(listener.answers)) - 1]
                    listener.changed.notify_all()
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/notify"

    def wait_for(self, count, timeout=10):
        with self.changed:
            return self.changed.wait_for(lambda: len(self.received) >= count, timeout)


@pytest.fixture
def listener():
    made = Listener()
    thread = threading.Thread(target=made.server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


@pytest.fixture
def quick_repeats(monkeypatch, transactional_db):
    """Notices are repeated at once; whatever is in flight ends with the test."""
    monkeypatch.setattr(notify, "RETRY_DELAYS_SECONDS", (0.05,) * 6)
    yield
    notify.stop_all()


@pytest.fixture
def direct(client, db):
    return Direct(client, issue_wechat_credentials())


@pytest.fixture
def full_alipay(client, db):
    return FullAlipay(client, issue_alipay_credentials())


@pytest.fixture
def confirm(client):
    """Press a button on a page of the sandbox's own."""

    def press(page, outcome="pay", by=None):
        shown = sheet_of(page)
        asked = {"kind": shown["kind"], "params": shown["params"], "outcome": outcome}
        return (by or client).post(shown["payUrl"], asked, content_type="application/json").json()

    return press


@pytest.fixture(scope="session")
def some_keys():
    """Making a key takes 100 ms and more; these are made once and dealt out in turn."""
    return itertools.cycle([keys.new_private_key() for _ in range(12)])


@pytest.fixture(autouse=True)
def ready_made_keys(some_keys, monkeypatch):
    for module in (keys, merchants):
        monkeypatch.setattr(module, "new_private_key", lambda: next(some_keys))


@pytest.fixture
def sandbox(scanforpay_sandbox, settings, monkeypatch, live_server):
    settings.ROOT_URLCONF = "tests.sandbox.pay_pages"
    monkeypatch.setattr(pay_pages, "scene", pay_pages.Scene())
    return scanforpay_sandbox


@pytest.fixture
def store(db):
    store = seed_merchant().store
    store.wallet_accounts.all().delete()
    return store


@pytest.fixture
def pay_in_wechat(wechat, listener, pay):
    def run():
        body = wechat.order_body(wechat.openid(), notify_url=listener.url, attach="kept")
        prepay_id = wechat.order(body).json()["prepay_id"]
        assert pay("wechat_bridge", wechat.bridge(prepay_id))["result"] == "ok"
        return body

    return run


@pytest.fixture
def pay_in_alipay(alipay, listener, pay):
    def run():
        body = alipay.create_body(alipay.user_id(), passback_params="a%3Db")
        told = alipay.create(body, notify_url=listener.url)
        assert pay("alipay_bridge", {"tradeNO": told["trade_no"]})["result"] == "ok"
        return body | {"trade_no": told["trade_no"]}

    return run


@pytest.fixture
def pay_order(direct, listener, pay):
    """A paid Native order, notified to the listener."""

    def run(**changed):
        body = direct.body(notify_url=listener.url) | changed
        code = direct.post("native", body).json()["code_url"]
        assert pay("scan", {"code": code})["result"] == "ok"
        return body

    return run


@pytest.fixture
def prepay_id(wechat):
    return wechat.order(wechat.order_body(wechat.openid())).json()["prepay_id"]


@pytest.fixture
def trade_no(alipay):
    return alipay.create(alipay.create_body(alipay.user_id()))["trade_no"]


@pytest.fixture
def paid(direct):
    """The number of a paid order."""
    body = direct.barcode_body("134567890123456789")
    assert direct.post("codepay", body).json()["trade_state"] == "SUCCESS"
    return body["out_trade_no"]
