"""WeChat's sign-in for web pages."""

import json

import pytest

from scanforpay_django.exceptions import PlatformError, SignInExpired
from scanforpay_django.transport import HttpAnswer
from scanforpay_django.wallets.wechat.sign_in import authorize_url, read_payer, token_url
from tests.wallets.wechat.account import wechat_account


def answer(**fields: object) -> HttpAnswer:
    return HttpAnswer(status=200, headers={}, body=json.dumps(fields).encode())


def test_the_parameters_stand_in_the_order_that_wechat_enforces() -> None:
    assert authorize_url(wechat_account(), "wx0001", "https://pay.example.com/back", "s") == (
        "https://open.weixin.qq.com/connect/oauth2/authorize?appid=wx0001&redirect_uri="
        "https%3A%2F%2Fpay.example.com%2Fback&response_type=code&scope=snsapi_base&state=s#wechat_redirect"
    )


def test_each_service_account_has_its_own_secret() -> None:
    account = wechat_account(sub_appid="wx0109")
    assert "secret=secret-1&" in token_url(account, "wx0001", "c")
    assert "secret=secret-2&" in token_url(account, "wx0109", "c")
    with pytest.raises(SignInExpired):
        token_url(account, "wx0001", "")


def test_an_answer_names_the_payer_or_asks_for_a_new_sign_in() -> None:
    assert read_payer(answer(openid="o1")).id == "o1"
    for fields in ({"errcode": 40029}, {"openid": "o1", "is_snapshotuser": 1}):
        with pytest.raises(SignInExpired):
            read_payer(answer(**fields))
    for fields in ({"errcode": 40013}, {"openid": ""}, {"openid": 7}):
        with pytest.raises(PlatformError):
            read_payer(answer(**fields))
