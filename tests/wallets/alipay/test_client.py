"""Answers as Alipay really sends them, where these differ from its documents."""

import io

import pytest

from scanforpay_django.exceptions import PlatformError, PlatformRefused, PlatformSignatureInvalid
from scanforpay_django.wallets.alipay.client import AlipayClient
from scanforpay_django.wallets.rsa import load_private_key, rsa_sign
from tests.platform import private_pem
from tests.transport.zoo import Zoo, whole
from tests.wallets.alipay.account import alipay_account

pytestmark = pytest.mark.sqlite


def signed(text: str) -> str:
    return rsa_sign(load_private_key(private_pem("other")), text.encode())


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


def serve(zoo: Zoo, status: bytes, body: bytes) -> str:
    """A plain server: https fails there."""
    return zoo.answering(whole(body, status))


@pytest.fixture
def reachable(settings) -> None:
    """This machine may be asked, as a platform may."""
    settings.SCANFORPAY_OUTBOUND_ALLOW = ["127.0.0.0/8"]


@pytest.mark.parametrize("scheme", ["http", "HTTP", "Http"])
def test_a_bill_comes_by_https(zoo: Zoo, reachable: None, scheme: str) -> None:
    origin = serve(zoo, b"200 OK", b"PK").replace("http", scheme, 1)
    with pytest.raises(PlatformSignatureInvalid, match="SCANFORPAY_BILL_OVER_HTTP"):
        AlipayClient(alipay_account()).download(f"{origin}/bill.zip?sign=1", io.BytesIO())
    assert not [head for head in zoo.requests if head.startswith(b"GET")]


def test_a_bill_comes_by_http_where_a_setting_says_so(zoo: Zoo, reachable: None, settings) -> None:
    settings.SCANFORPAY_BILL_OVER_HTTP = True
    into = io.BytesIO(b"what was there before")
    AlipayClient(alipay_account()).download(f"{serve(zoo, b'200 OK', b'PK12')}/bill.zip?sign=1", into)
    assert into.getvalue() == b"PK12"
    assert zoo.requests[-1].startswith(b"GET /bill.zip?sign=1 ")


def test_an_address_that_has_died_is_an_error(zoo: Zoo, reachable: None, settings) -> None:
    settings.SCANFORPAY_BILL_OVER_HTTP = True
    with pytest.raises(PlatformError, match="403"):
        AlipayClient(alipay_account()).download(serve(zoo, b"403 Forbidden", b"x"), io.BytesIO())


def test_an_address_of_another_kind_is_not_asked() -> None:
    for url in ("", "ftp://dwbillcenter.alipay.com/a", "file:///etc/passwd"):
        with pytest.raises(PlatformError):
            AlipayClient(alipay_account()).download(url, io.BytesIO())
