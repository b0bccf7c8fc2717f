"""API v3 as the sandbox speaks it: what it takes, and all it refuses."""

import json
import secrets
import time
from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from scanforpay_django.sandbox.merchants import issue_wechat_credentials
from scanforpay_django.sandbox.models import OAuthCode, PlatformKey, Prepay, Trade
from tests.sandbox.merchant import rfc3339

JSAPI = "/v3/pay/transactions/jsapi"


@pytest.fixture
def body(wechat):
    return wechat.order_body(wechat.openid())


def pay_it(body):
    Trade.objects.filter(out_trade_no=body["out_trade_no"]).update(
        state="paid", paid_at=timezone.now(), trade_no="4200002026110112345678901234"
    )


def test_an_order_gets_a_prepay_id_and_a_signed_answer(wechat, body):
    answer = wechat.order(body)
    wechat.verify_answer(answer)
    assert answer.status_code == 200
    assert answer.json()["prepay_id"].startswith("wx")


def test_the_same_order_again_is_the_same_trade_with_a_working_prepay_id(wechat, body, pay):
    first, again = wechat.order(body).json(), wechat.order(body).json()
    assert Trade.objects.count() == 1
    for answer in (first, again):
        assert pay("wechat_bridge", wechat.bridge(answer["prepay_id"]), "look")["result"] == "ok"


@pytest.mark.parametrize("change", [{"amount": {"total": 1, "currency": "CNY"}}, {"description": "other"},
                                    {"time_expire": "2099-01-01T00:00:00+08:00"}])  # fmt: skip
def test_the_same_number_with_other_parameters_is_refused(wechat, body, change):
    wechat.order(body)
    answer = wechat.order(body | change)
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_REQUEST")
    assert answer["Request-ID"].endswith("-268498688")


def test_a_paid_order_is_not_ordered_again(wechat, body):
    wechat.order(body)
    pay_it(body)
    assert wechat.order(body).json()["code"] == "ORDER_PAID"


def test_a_closed_order_is_not_ordered_again(wechat, body):
    wechat.order(body)
    wechat.close(body["out_trade_no"])
    assert wechat.order(body).json()["code"] == "ORDER_CLOSED"


def test_an_expired_order_reads_notpay_and_is_not_ordered_again(wechat, body):
    wechat.order(body)
    Trade.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert wechat.order(body).json()["code"] == "ORDER_CLOSED"
    assert wechat.query(body["out_trade_no"]).json()["trade_state"] == "NOTPAY"


def test_a_query_tells_an_unpaid_trade(wechat, body):
    wechat.order(body)
    answer = wechat.query(body["out_trade_no"])
    wechat.verify_answer(answer)
    told = answer.json()
    assert (told["trade_state"], told["amount"]) == ("NOTPAY", {"total": 2100, "currency": "CNY"})
    assert "transaction_id" not in told
    assert "success_time" not in told


def test_a_query_tells_a_paid_trade_by_either_number(wechat, body):
    wechat.order(body)
    pay_it(body)
    by_ours = wechat.query(body["out_trade_no"]).json()
    mchid = wechat.config["mchid"]
    by_theirs = wechat.call(
        "GET", f"/v3/pay/transactions/id/{by_ours['transaction_id']}?mchid={mchid}"
    ).json()
    assert by_ours == by_theirs
    assert by_ours["trade_state"] == "SUCCESS"
    assert by_ours["payer"] == body["payer"]
    assert by_ours["amount"]["total"] == 2100
    assert by_ours["success_time"].endswith("+08:00")


def test_a_query_of_an_unknown_number_is_404(wechat):
    answer = wechat.query("nothing00000")
    assert (answer.status_code, answer.json()["code"]) == (404, "ORDER_NOT_EXIST")


@pytest.mark.parametrize("query", ["", "?mchid=1600000000", "?mchid={own}&mchid={own}", "?mchid={own}&x=1"])
def test_a_query_must_name_its_mchid(wechat, query):
    path = "/v3/pay/transactions/out-trade-no/nothing00000" + query.format(own=wechat.config["mchid"])
    assert wechat.call("GET", path).json()["code"] == "PARAM_ERROR"


def test_close_is_204_and_signed_twice_and_for_unknown_numbers(wechat, body):
    wechat.order(body)
    for number in (body["out_trade_no"], body["out_trade_no"], "nothing00000"):
        answer = wechat.close(number)
        wechat.verify_answer(answer)
        assert (answer.status_code, answer.content) == (204, b"")
    assert wechat.query(body["out_trade_no"]).json()["trade_state"] == "CLOSED"


def test_close_of_a_paid_trade_says_so(wechat, body):
    wechat.order(body)
    pay_it(body)
    assert wechat.close(body["out_trade_no"]).json()["code"] == "ORDER_PAID"


@pytest.mark.parametrize("payload", [{}, {"mchid": "1600000000"}, {"mchid": None}, {"mchid": 1}, []])
def test_close_wants_its_mchid(wechat, payload):
    answer = wechat.call("POST", "/v3/pay/transactions/out-trade-no/nothing00000/close", payload)
    assert (answer.status_code, answer.json()["code"]) == (400, "PARAM_ERROR")


@pytest.mark.parametrize("changed", [
    {"mchid": "1600000000"},
    {"serial_no": "00"},
    {"timestamp": str(int(time.time()) - 330)},
    {"timestamp": str(int(time.time()) + 400)},
    {"timestamp": "soon"},
    {"timestamp": str(int(time.time() * 1000))},
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


@pytest.mark.parametrize("field", ["mchid", "description", "out_trade_no", "notify_url", "amount", "payer"])
@pytest.mark.parametrize("edit", ["drop", "null", "empty"])
def test_required_fields_are_required(wechat, body, field, edit):
    if edit == "drop":
        del body[field]
    else:
        body[field] = None if edit == "null" else ""
    answer = wechat.order(body)
    assert (answer.status_code, answer.json()["code"]) == (400, "PARAM_ERROR")
    assert answer.json()["detail"]["field"].startswith(f"/{field}")


@pytest.mark.parametrize("change", [
    {"unknown": 1},
    {"attach": None},
    {"description": "汉" * 43},
    {"description": "coffee ☕ 😀"},
    {"attach": "x" * 129},
    {"out_trade_no": "five5"},
    {"out_trade_no": "a" * 33},
    {"out_trade_no": "abc/def"},
    {"out_trade_no": "abcdefg\n"},
    {"out_trade_no": 1234567},
    {"notify_url": "https://shop.example/notify?x=1"},
    {"notify_url": "https://shop.example/notify?"},
    {"notify_url": " https://shop.example/notify"},
    {"notify_url": "ftp://shop.example/notify"},
    {"notify_url": "/notify"},
    {"notify_url": "https://shop.example/" + "a" * 250},
    {"amount": {"total": 0, "currency": "CNY"}},
    {"amount": {"total": -1, "currency": "CNY"}},
    {"amount": {"total": "2100", "currency": "CNY"}},
    {"amount": {"total": 21.0, "currency": "CNY"}},
    {"amount": {"total": True, "currency": "CNY"}},
    {"amount": {"total": 2100, "currency": "HKD"}},
    {"amount": {"total": 2100, "payer_total": 2100}},
    {"amount": {"currency": "CNY"}},
    {"payer": {"openid": "oNobodyKnowsThisOpenid000000"}},
    {"payer": {"openid": ""}},
    {"payer": {}},
    {"payer": {"sp_openid": "x"}},
    {"time_expire": "2018-06-08T10:34:56+08:00"},
    {"time_expire": "2099-06-08 10:34:56"},
    {"time_expire": "2099-06-08T10:34:56"},
    {"time_expire": "2099-06-08T10:34:56.123456+08:00"},
    {"time_expire": "2099-13-08T10:34:56+08:00"},
    {"time_expire": 1},
    {"support_fapiao": "true"},
    {"scene_info": {"device_id": "1"}},
    {"detail": {"goods_detail": {}}},
    {"mchid": "1600000000"},
])  # fmt: skip
def test_a_wrong_body_is_a_param_error(wechat, body, change):
    answer = wechat.order(body | change)
    assert (answer.status_code, answer.json()["code"]) == (400, "PARAM_ERROR")
    assert not Trade.objects.exists()


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b'{"a":NaN}', b'{"mchid":"1","mchid":"2"}', b"\xff"])
def test_a_body_that_is_no_json_object_is_a_param_error(wechat, raw):
    assert wechat.call("POST", JSAPI, raw).json()["code"] == "PARAM_ERROR"


@pytest.mark.parametrize("change", [
    {"description": "汉" * 42},
    {"out_trade_no": "aZ09_-|*"},
    {"amount": {"total": 1}},
    {"attach": "kept", "goods_tag": "WXG", "support_fapiao": True, "settle_info": {"profit_sharing": False},
     "scene_info": {"payer_client_ip": "10.0.0.1", "store_info": {"id": "1"}},
     "detail": {"cost_price": 1, "goods_detail": [{"merchant_goods_id": "1"}]}},
])  # fmt: skip
def test_what_the_documents_allow_is_taken(wechat, body, change):
    assert wechat.order(body | change).status_code == 200


def test_an_order_of_another_appid_is_refused(wechat, body):
    answer = wechat.order(body | {"appid": "wx0000000000000000"})
    assert answer.json()["code"] == "APPID_MCHID_NOT_MATCH"


def test_an_openid_of_another_app_is_refused(wechat, body):
    other = type(wechat)(wechat.client, issue_wechat_credentials())
    assert wechat.order(body | {"payer": {"openid": other.openid()}}).json()["code"] == "PARAM_ERROR"


@pytest.mark.parametrize(
    ("asked", "least", "most"), [(5, 50, 70), (1800, 1790, 1810), (95 * 86400, 89 * 86400, 91 * 86400)]
)
def test_time_expire_is_kept_within_a_minute_and_ninety_days(wechat, body, asked, least, most):
    wechat.order(body | {"time_expire": rfc3339(asked)})
    left = (Trade.objects.get().expires_at - timezone.now()).total_seconds()
    assert least <= left <= most


def test_a_prepay_id_lives_two_hours(wechat, body):
    wechat.order(body)
    left = Prepay.objects.get().expires_at - timezone.now()
    assert timedelta(minutes=119) < left <= timedelta(minutes=120)


def test_one_key_pair_serves_all_merchants(wechat):
    config, hidden = issue_wechat_credentials()
    assert config["public_key"] == wechat.config["public_key"]
    assert PlatformKey.objects.count() == 1
    assert config["public_key_id"].startswith("PUB_KEY_ID_")
    assert set(config) == {"mchid", "appid", "serial_no", "public_key_id", "public_key"}
    assert set(hidden) == {"private_key", "apiv3_key", "app_secret"}
    assert len(hidden["apiv3_key"].encode()) == 32
    assert hidden["private_key"].startswith("-----BEGIN PRIVATE KEY-----")


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


def test_a_code_works_once(wechat):
    code = wechat.code()
    assert "openid" in wechat.token(code)
    assert wechat.token(code)["errcode"] == 40163


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


def test_a_code_is_for_its_own_app(wechat):
    other = type(wechat)(wechat.client, issue_wechat_credentials())
    code = wechat.code()
    assert other.token(code)["errcode"] == 40029


def test_a_code_lives_five_minutes(wechat):
    code = wechat.code()
    OAuthCode.objects.update(expires_at=F("expires_at") - timedelta(seconds=301))
    assert wechat.token(code)["errcode"] == 40029
