"""Fetching Alipay's bills; the address itself is test_client's."""

import io
from datetime import date
from typing import Any

import pytest

from scanforpay_django.exceptions import PlatformError, PlatformRefused
from scanforpay_django.wallets.alipay.bill_download import fetch_bill
from scanforpay_django.wallets.alipay.client import AlipayClient
from scanforpay_django.wallets.values import Account
from tests.transport.zoo import Zoo, whole
from tests.wallets.alipay.account import alipay_account
from tests.wallets.alipay.test_client import signed

pytestmark = pytest.mark.sqlite

NAME = "alipay_data_dataservice_bill_downloadurl_query_response"


def account_at(origin: str) -> Account:
    """An account whose gateway is there."""
    made = alipay_account()
    return Account(
        pk=0, wallet="Alipay", environment="production", config=made.config, secrets=made.secrets,
        hosts=(("gateway", f"{origin}/gateway.do"),), currencies=("CNY",),
    )  # fmt: skip


def ask(zoo: Zoo, content: str) -> Any:
    """What is made of the gateway's answer."""
    origin = zoo.answering(whole(f'{{"{NAME}":{content},"sign":"{signed(content)}"}}'.encode()))
    return fetch_bill(AlipayClient(account_at(origin)), "trade", date(2026, 11, 1), io.BytesIO())


@pytest.mark.parametrize("code", ["isp.bill_not_exist", "BILL_NOT_EXIST", "isp.bill-not-exist"])
def test_a_day_without_trades_has_no_bill(zoo: Zoo, code: str) -> None:
    assert ask(zoo, f'{{"code":"40004","msg":"x","sub_code":"{code}"}}') is None
    body = zoo.requests[-1]
    assert b"bill.downloadurl.query" in body
    assert b"2026-11-01" in body


def test_another_refusal_is_one(zoo: Zoo) -> None:
    with pytest.raises(PlatformRefused):
        ask(zoo, '{"code":"40004","msg":"x","sub_code":"isv.invalid-arguments"}')


def test_an_answer_without_an_address_is_an_error(zoo: Zoo) -> None:
    with pytest.raises(PlatformError):
        ask(zoo, '{"code":"10000","msg":"Success"}')
