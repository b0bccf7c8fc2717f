"""An account at the cross-border gateway, and a gateway that answers as it is told."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from scanforpay_django.wallets.alipay_cross_border.client import signed_text
from scanforpay_django.wallets.rsa import load_private_key, rsa_sign
from scanforpay_django.wallets.values import Account
from tests.platform import private_pem, public_pem

PARTNER = "2088000000000662"
TRADE = {
    "out_trade_no": "N1",
    "seller_id": PARTNER,
    "total_fee": "21.00",
    "trade_no": "20",
    "trade_status": "TRADE_FINISHED",
}


def sign(fields: dict[str, str]) -> str:
    """The platform's signature."""
    return rsa_sign(load_private_key(private_pem("other")), signed_text(fields))


def make_account(gateway: str, *, currencies: tuple[str, ...] = ("HKD",)) -> Account:
    """One whose gateway is at an address of the tests'."""
    return Account(
        pk=1,
        wallet="AlipayHK",
        environment="local_sandbox",
        config=(("alipay_public_key", public_pem("other")), ("partner", PARTNER)),
        secrets=(("private_key", private_pem("other")),),
        hosts=(("gateway", gateway),),
        currencies=currencies,
    )


@dataclass
class Gateway:
    """Answers by service: fields to sign, or a text."""

    answers: dict[str, dict[str, str] | str] = field(default_factory=dict)
    # path with query, and the form, of each call
    calls: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""

    def reply(self, target: str, form: str) -> bytes:
        """What the call is answered."""
        self.calls.append((target, form))
        params = dict(parse_qsl(urlsplit(target).query)) | dict(parse_qsl(form))
        answer = self.answers[params["service"]]
        if isinstance(answer, str):
            return answer.encode()
        name = "alipay" if params["service"].startswith("alipay.") else "trade"
        leaves = "".join(f"<{tag}>{text}</{tag}>" for tag, text in answer.items())
        return (
            f"<alipay><is_success>T</is_success><response><{name}>{leaves}</{name}></response>"
            f"<sign>{sign(answer)}</sign><sign_type>RSA2</sign_type></alipay>"
        ).encode()


@contextmanager
def running_gateway(**answers: dict[str, str] | str) -> Iterator[Gateway]:
    """One that listens on loopback."""
    gateway = Gateway(answers=dict(answers))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            answer = gateway.reply(self.path, form)
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    gateway.url = f"http://127.0.0.1:{server.server_port}/gateway.do"
    try:
        yield gateway
    finally:
        server.shutdown()
        server.server_close()
