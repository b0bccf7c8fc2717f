"""Answers as Alipay really sends them, where these differ from its documents."""

import pytest

from scanforpay_django.exceptions import PlatformError, PlatformRefused, PlatformSignatureInvalid
from scanforpay_django.wallets.alipay.client import AlipayClient
from scanforpay_django.wallets.rsa import load_private_key, rsa_sign
from tests.platform import private_pem
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


def test_a_bill_comes_by_https() -> None:
    with pytest.raises(PlatformSignatureInvalid, match="https"):
        AlipayClient(alipay_account()).download("http://dwbillcenter.alipay.com/bill.zip")
