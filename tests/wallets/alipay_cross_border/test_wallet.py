"""Answers of the cross-border gateway, as it really sends them."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode

import pytest

from scanforpay_django.exceptions import PlatformError, PlatformSignatureInvalid
from scanforpay_django.wallets.alipay_cross_border import wallet as alipay_global
from scanforpay_django.wallets.rsa import load_private_key, rsa_sign
from scanforpay_django.wallets.values import Account
from tests.platform import private_pem, public_pem

pytestmark = pytest.mark.sqlite


@pytest.mark.parametrize("encoding", ["GBK", "utf-8"])
def test_the_other_gateway_answers_in_either_encoding(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><alipay><is_success>F</is_success><error>茶</error></alipay>'
    assert alipay_global._leaves(text.encode(encoding)) == {"is_success": "F", "error": "茶"}


@pytest.mark.parametrize(
    "text", ['<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', '<?xml version="1.0" encoding="utf-7"?><a/>', "<a"]
)
def test_what_is_not_plain_xml_is_refused(text: str) -> None:
    with pytest.raises(PlatformError):
        alipay_global._leaves(text.encode())


def test_a_trade_closed_after_it_was_paid_was_paid() -> None:
    fields = {"trade_status": "TRADE_CLOSED", "total_fee": "21.00", "gmt_payment": "2026-11-01 10:00:00"}
    found = alipay_global._read_trade(fields, ("HKD",))
    # an answer to a query names no currency: the account's is meant
    assert (found.state, found.amount, found.currency) == ("paid", 2100, "HKD")


def test_a_notification_without_its_seller_is_checked_by_asking() -> None:
    account = Account(
        pk=1,
        wallet="AlipayHK",
        environment="production",
        config=(("alipay_public_key", public_pem("other")), ("partner", "2088000000000662")),
        secrets=(("private_key", private_pem("other")),),
        # nobody answers there
        hosts=(("gateway", "https://127.0.0.1:9/gateway.do"),),
        currencies=("HKD",),
    )
    fields = {
        "currency": "HKD",
        "notify_id": "5ac2",
        "out_trade_no": "N1",
        "total_fee": "21.00",
        "trade_no": "20",
        "trade_status": "TRADE_FINISHED",
    }
    wallet = alipay_global.AlipayHKWallet(account)
    told = fields | {
        "sign": rsa_sign(load_private_key(private_pem("other")), alipay_global._signed_text(fields)),
        "sign_type": "RSA2",
    }
    with pytest.raises(PlatformSignatureInvalid, match="could not be asked"):
        wallet.read_notification({}, urlencode(told).encode())
    fields["seller_id"] = "2088000000000662"
    told = fields | {
        "sign": rsa_sign(load_private_key(private_pem("other")), alipay_global._signed_text(fields)),
        "sign_type": "RSA2",
    }
    assert wallet.read_notification({}, urlencode(told).encode()).result.state == "paid"


class _Gateway(BaseHTTPRequestHandler):
    """Says of every trade that it is paid, as number 20."""

    def do_POST(self) -> None:
        asked = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        trade = {
            "out_trade_no": asked["out_trade_no"],
            "seller_id": "2088000000000662",
            "total_fee": "21.00",
            "trade_no": "20",
            "trade_status": "TRADE_FINISHED",
        }
        sign = rsa_sign(load_private_key(private_pem("other")), alipay_global._signed_text(trade))
        leaves = "".join(f"<{name}>{text}</{name}>" for name, text in trade.items())
        answer = (
            f"<alipay><is_success>T</is_success><response><trade>{leaves}</trade></response>"
            f"<sign>{sign}</sign><sign_type>RSA2</sign_type></alipay>"
        ).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args: object) -> None:
        pass


def test_a_notification_of_another_partners_trade_under_our_number_is_refused() -> None:
    """Partners share Alipay's key, and a customer may be one: the number is of their own choosing."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Gateway)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    account = Account(
        pk=1,
        wallet="AlipayHK",
        environment="local_sandbox",
        config=(("alipay_public_key", public_pem("other")), ("partner", "2088000000000662")),
        secrets=(("private_key", private_pem("other")),),
        hosts=(("gateway", f"http://127.0.0.1:{server.server_port}/gateway.do"),),
        currencies=("HKD",),
    )
    wallet = alipay_global.AlipayHKWallet(account)
    fields = {
        "currency": "HKD",
        "notify_id": "5ac2",
        "out_trade_no": "N1",
        "total_fee": "21.00",
        "trade_no": "20",
        "trade_status": "TRADE_FINISHED",
    }

    def told(**changes: str) -> bytes:
        said = fields | changes
        sign = rsa_sign(load_private_key(private_pem("other")), alipay_global._signed_text(said))
        return urlencode(said | {"sign": sign, "sign_type": "RSA2"}).encode()

    try:
        assert wallet.read_notification({}, told()).result.amount == 2100
        with pytest.raises(PlatformSignatureInvalid, match="says otherwise"):
            wallet.read_notification({}, told(trade_no="66", total_fee="0.01"))
    finally:
        server.shutdown()
        server.server_close()
