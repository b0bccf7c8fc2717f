"""WeChat's sign-in for web pages."""

import secrets

import pytest

from scanforpay_django.sandbox.merchants import issue_wechat_credentials


def test_authorize_is_silent_and_remembers_the_phone(wechat):
    answer = wechat.authorize()
    assert answer.status_code == 302
    assert answer["Location"].startswith("http://localhost:8000/api/back?code=")
    assert answer["Location"].endswith("&state=aB3")
    assert answer.cookies["scanforpay_sandbox_user"]["path"] == "/"
    user = answer.cookies["scanforpay_sandbox_user"].value
    assert wechat.authorize().cookies["scanforpay_sandbox_user"].value == user


def test_the_openid_is_the_phones_own_at_each_app(wechat, stranger):
    mine = wechat.openid()
    assert (len(mine), mine[0]) == (28, "o")
    assert wechat.openid() == mine
    assert wechat.openid(stranger) != mine
    assert type(wechat)(wechat.client, issue_wechat_credentials()).openid() != mine


@pytest.mark.parametrize("change", [
    {"appid": "wx0"},
    {"response_type": "token"},
    {"scope": "snsapi_userinfo"},
    {"state": ""},
    {"state": "a-b"},
    {"state": "a" * 129},
    {"redirect_uri": "http://evil.example/api/back"},
    {"redirect_uri": "http://localhost:8000@evil.example/"},
    {"redirect_uri": "http://localhost:8000\\@evil.example/"},
    {"redirect_uri": "javascript:alert(1)"},
    {"redirect_uri": ""},
    {"extra": "1"},
])  # fmt: skip
def test_authorize_refuses(wechat, change):
    answer = wechat.authorize(**change)
    assert answer.status_code == 400
    assert not answer.has_header("Location")


def test_authorize_enforces_the_order_of_its_parameters(wechat):
    appid = wechat.config["appid"]
    back = "redirect_uri=http%3A%2F%2Flocalhost%3A8000%2Fapi%2Fback"
    rest = "response_type=code&scope=snsapi_base&state=a"
    path = f"{wechat.prefix}/connect/oauth2/authorize"
    assert wechat.client.get(f"{path}?appid={appid}&{back}&{rest}").status_code == 302
    assert wechat.client.get(f"{path}?{back}&appid={appid}&{rest}").status_code == 400
    assert (
        wechat.client.get(
            f"{path}?appid={appid}&{back}&state=a&scope=snsapi_base&response_type=code"
        ).status_code
        == 400
    )


@pytest.mark.parametrize(("change", "errcode"), [
    ({"appid": "wx0"}, 40013),
    ({"secret": "wrong"}, 40125),
    ({"grant_type": "refresh_token"}, 40002),
    ({"code": secrets.token_hex(16)}, 40029),
])  # fmt: skip
def test_a_token_request_is_refused_with_200_and_errcode(wechat, change, errcode):
    code = wechat.code()
    assert wechat.token(**{"code": code} | change)["errcode"] == errcode
    assert "openid" in wechat.token(code)
