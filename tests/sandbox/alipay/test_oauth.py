"""Alipay's authorisation page."""

import pytest


def test_authorize_is_silent(alipay):
    answer = alipay.authorize()
    assert answer.status_code == 302
    app_id = alipay.config["app_id"]
    start = f"http://localhost:8000/api/back?app_id={app_id}&source=alipay_wallet&scope=auth_base&auth_code="
    assert answer["Location"].startswith(start)
    assert answer["Location"].endswith("&state=aB3")


@pytest.mark.parametrize("change", [
    {"app_id": "2021"},
    {"scope": "auth_user"},
    {"redirect_uri": "https://evil.example/"},
    {"redirect_uri": "http://localhost:8000\r\nX: y"},
])  # fmt: skip
def test_authorize_refuses(alipay, change):
    assert alipay.authorize(**change).status_code == 400


def test_the_user_id_is_the_phones_own(alipay, stranger):
    mine = alipay.user_id()
    assert (len(mine), mine[:4]) == (16, "2088")
    assert alipay.user_id() == mine
    assert alipay.user_id(stranger) != mine
