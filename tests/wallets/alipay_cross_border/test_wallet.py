"""Answers and files as the platforms really send them, where these differ from what their documents show."""

import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode

import pytest

from scanforpay_django.exceptions import PlatformError, PlatformRefused, PlatformSignatureInvalid
from scanforpay_django.wallets.alipay import bill as alipay_bill
from scanforpay_django.wallets.alipay.client import AlipayClient
from scanforpay_django.wallets.alipay.wallet import AlipayWallet
from scanforpay_django.wallets.alipay_cross_border import wallet as alipay_global
from scanforpay_django.wallets.rsa import load_private_key, rsa_sign
from scanforpay_django.wallets.values import Account, PaymentRequest
from scanforpay_django.wallets.wechat import bill as wechat_bill
from tests.platform import private_pem, public_pem

WECHAT_HEAD = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,"
    "手续费,费率,订单金额,申请退款金额,费率备注"
)
ALIPAY_HEAD = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,"
    "订单金额（元）,服务费（元）,退款批次号/请求号"
)


def alipay_account(**config: str) -> Account:
    kept = {"app_id": "1", "seller_id": "2088", "alipay_public_key": public_pem("other"), **config}
    return Account(
        pk=1,
        wallet="Alipay",
        environment="production",
        config=tuple(sorted(kept.items())),
        secrets=(("private_key", private_pem("other")),),
        hosts=(("gateway", "https://openapi.alipay.com/gateway.do"),),
        currencies=("CNY",),
    )


def signed(text: str) -> str:
    return rsa_sign(load_private_key(private_pem("other")), text.encode())


def wechat_line(title: str = "Tea", state: str = "SUCCESS") -> str:
    values = [
        "2026-11-01 10:00:00",
        "wx",
        "1",
        "",
        "",
        "42",
        "N1",
        "o",
        "JSAPI",
        state,
        "OTHERS",
        "CNY",
        "21.00",
    ]
    values += ["0.00", "0", "0", "0.00", "0.00", "", "", title, "", "0.12600", "0.60%", "21.00", "0.00", ""]
    return ",".join(f"`{value}" for value in values)


def wechat_bill_of(*lines: str) -> str:
    return "\ufeff" + "\r\n".join([WECHAT_HEAD, *lines, "总交易单数,应结订单总金额", "`1,`21.00"])


def alipay_line(number: int, title: str) -> str:
    return f"t{number}\t,N{number}\t,交易\t,{title}\t,2026-11-01 10:00:00\t,2026-11-01 10:00:01\t,21.00\t,-0.13\t,\t"


def test_of_two_objects_under_one_name_the_signed_one_is_believed() -> None:
    name = "alipay_trade_query_response"
    true = '{"code":"10000","out_trade_no":"A","trade_status":"WAIT_BUYER_PAY"}'
    forged = '{"code":"10000","out_trade_no":"A","trade_status":"TRADE_SUCCESS"}'
    body = f'{{"{name}":{true},"{name}":{forged},"sign":"{signed(true)}"}}'
    found = AlipayClient(alipay_account())._open("alipay.trade.query", body.encode())
    assert found["trade_status"] == "WAIT_BUYER_PAY"
    body = f'{{"{name}":{forged},"{name}":{true},"sign":"{signed(true)}"}}'
    with pytest.raises(PlatformSignatureInvalid):
        AlipayClient(alipay_account())._open("alipay.trade.query", body.encode())


def test_a_service_that_is_unavailable_has_not_refused() -> None:
    content = '{"code":"20000","msg":"Service Currently Unavailable","sub_code":"aop.unknow-error"}'
    body = f'{{"alipay_trade_create_response":{content},"sign":"{signed(content)}"}}'
    with pytest.raises(PlatformError) as caught:
        AlipayClient(alipay_account())._open("alipay.trade.create", body.encode())
    assert not isinstance(caught.value, PlatformRefused)


def test_a_bill_comes_by_https() -> None:
    with pytest.raises(PlatformSignatureInvalid, match="https"):
        AlipayClient(alipay_account()).download("http://dwbillcenter.alipay.com/bill.zip")


def test_only_pages_opened_in_the_app_have_the_accounts_product_code() -> None:
    wallet = AlipayWallet(alipay_account(product_code="JSAPI_PAY", op_app_id="2021"))
    codes = {}
    for product in ("precreate", "trade_create"):
        request = PaymentRequest(
            product=product,
            out_trade_no="N" * 28,
            amount=1,
            currency="CNY",
            title="x",
            notify_url="https://shop.example/n",
            expires_at=datetime.now(UTC),
        )
        codes[product] = wallet._content(request)["product_code"]
    assert codes == {"precreate": "FACE_TO_FACE_PAYMENT", "trade_create": "JSAPI_PAY"}


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


def test_a_comma_in_a_title_is_part_of_the_title() -> None:
    [line] = wechat_bill.parse_wechat_bill(wechat_bill_of(wechat_line('Tea, "large"')))
    assert (line.amount, line.raw["商品名称"]) == (2100, 'Tea, "large"')
    text = "\r\n".join(
        ["#x", ALIPAY_HEAD, alipay_line(1, '"Tea'), alipay_line(2, "B, and C"), alipay_line(3, "D"), "#end"]
    )
    assert [line.raw["商品名称"] for line in alipay_bill.parse_alipay_bill(text)] == ['"Tea', "B, and C", "D"]


def test_a_reversed_barcode_payment_counts_once() -> None:
    lines = wechat_bill.parse_wechat_bill(wechat_bill_of(wechat_line(), wechat_line(state="REVOKED")))
    assert [line.kind for line in lines] == ["payment", "refund"]


@pytest.mark.parametrize(
    "text", ["a,b\r\n`1,`2\r\n总交易单数,x\r\n`1,`2", WECHAT_HEAD + "\r\n" + wechat_line()]
)
def test_a_foreign_or_cut_bill_is_refused(text: str) -> None:
    with pytest.raises(PlatformError):
        wechat_bill.parse_wechat_bill(text)
