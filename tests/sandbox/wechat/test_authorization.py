"""The Authorization header of API v3."""

import json
import time

import pytest

from scanforpay_django.sandbox.merchants import issue_wechat_credentials

JSAPI = "/v3/pay/transactions/jsapi"


@pytest.mark.parametrize("changed", [
    {"mchid": "1600000000"},
    {"serial_no": "00"},
    {"timestamp": "soon"},
    {"nonce_str": ""},
    {"signature": ""},
    {"signature": "bm90IG1pbmU="},
    {"signature": "***"},
    {"extra": "field"},
])  # fmt: skip
def test_a_wrong_authorization_is_401(wechat, body, changed):
    answer = wechat.call("POST", JSAPI, body, **changed)
    assert (answer.status_code, answer.json()["code"]) == (401, "SIGN_ERROR")
    assert not answer.has_header("Wechatpay-Signature")
    assert not answer["Request-ID"].endswith("-0")


# By the clock of the moment: these are collected minutes before they run.
@pytest.mark.parametrize("stamp", [lambda now: now - 330, lambda now: now + 330, lambda now: now * 1000])
def test_a_moment_too_far_away_is_401(wechat, body, stamp):
    answer = wechat.call("POST", JSAPI, body, timestamp=str(stamp(int(time.time()))))
    assert (answer.status_code, answer.json()["code"]) == (401, "SIGN_ERROR")


@pytest.mark.parametrize("edit", [
    lambda text: text.replace("SHA256", "SHA1"),
    lambda text: text.replace(",", ", "),
    lambda text: text.replace('mchid="', 'mchid='),
    lambda text: "",
])  # fmt: skip
def test_an_authorization_of_another_form_is_401(wechat, body, edit):
    raw = json.dumps(body).encode()
    header = edit(wechat.authorization("POST", wechat.prefix + JSAPI, raw))
    assert wechat.call("POST", JSAPI, raw, headers={"Authorization": header}).status_code == 401


def test_the_signature_covers_the_mounts_prefix_and_the_body(wechat, body):
    raw = json.dumps(body).encode()
    short = wechat.authorization("POST", JSAPI, raw)
    other = wechat.authorization("POST", wechat.prefix + JSAPI, raw + b" ")
    for header in (short, other):
        assert wechat.call("POST", JSAPI, raw, headers={"Authorization": header}).status_code == 401


def test_another_merchants_signature_is_refused(wechat, body):
    wechat.secrets = issue_wechat_credentials()[1]
    assert wechat.order(body).status_code == 401


@pytest.mark.parametrize("drop", ["Accept", "User-Agent"])
def test_headers_the_platform_wants_are_wanted(wechat, body, drop):
    assert wechat.call("POST", JSAPI, body, drop=[drop]).json()["code"] == "PARAM_ERROR"


@pytest.mark.parametrize("headers", [
    {"Content-Type": "text/plain"},
    {"Content-Type": "application/x-www-form-urlencoded"},
    {"Accept": "text/html"},
    {"Wechatpay-Serial": "PUB_KEY_ID_0"},
])  # fmt: skip
def test_headers_with_other_values_are_refused(wechat, body, headers):
    assert wechat.call("POST", JSAPI, body, headers=headers).json()["code"] == "PARAM_ERROR"


def test_wechatpay_serial_may_be_left_out(wechat, body):
    assert wechat.call("POST", JSAPI, body, drop=["Wechatpay-Serial"]).status_code == 200
