"""The OpenAPI v2 gateway as the sandbox speaks it: what it takes, and all it refuses."""

import json
from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from scanforpay_django.sandbox.merchants import issue_alipay_credentials
from scanforpay_django.sandbox.models import OAuthCode, Trade
from tests.sandbox.merchant import beijing_time


@pytest.fixture
def body(alipay):
    return alipay.create_body(alipay.user_id())


def pay_it():
    Trade.objects.update(state="paid", paid_at=timezone.now())


def test_create_answers_a_trade_no(alipay, body):
    told = alipay.create(body)
    assert told["code"] == "10000"
    assert told["out_trade_no"] == body["out_trade_no"]
    assert len(told["trade_no"]) == 28


def test_create_again_is_the_same_trade(alipay, body):
    assert alipay.create(body) == alipay.create(body)
    assert Trade.objects.count() == 1


def test_the_answers_signature_is_over_the_text_with_its_escaped_slashes(alipay):
    text = alipay.send(alipay.params("alipay.trade.query", {"out_trade_no": "a/b"}))
    assert "\\/" in text
    assert alipay.call("alipay.trade.query", {"out_trade_no": "a/b"})["sub_code"] == "ACQ.INVALID_PARAMETER"


@pytest.mark.parametrize("change", [{"total_amount": "0.01"}, {"subject": "other"}, {"body": "new"}])
def test_the_same_number_with_other_parameters_is_refused(alipay, body, change):
    alipay.create(body)
    told = alipay.create(body | change)
    assert (told["code"], told["sub_code"]) == ("40004", "ACQ.CONTEXT_INCONSISTENT")


def test_the_same_number_for_another_buyer_is_refused(alipay, body, stranger):
    alipay.create(body)
    told = alipay.create(body | {"buyer_id": alipay.user_id(stranger)})
    assert told["sub_code"] == "ACQ.TRADE_BUYER_NOT_MATCH"


def test_a_paid_trade_is_not_created_again(alipay, body):
    alipay.create(body)
    pay_it()
    assert alipay.create(body)["sub_code"] == "ACQ.TRADE_HAS_SUCCESS"


def test_a_closed_trade_is_not_created_again(alipay, body):
    alipay.create(body)
    assert alipay.call("alipay.trade.close", {"out_trade_no": body["out_trade_no"]})["code"] == "10000"
    assert alipay.create(body)["sub_code"] == "ACQ.TRADE_HAS_CLOSE"


def test_an_expired_trade_has_been_closed(alipay, body):
    alipay.create(body)
    Trade.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert alipay.create(body)["sub_code"] == "ACQ.TRADE_HAS_CLOSE"
    told = alipay.call("alipay.trade.query", {"out_trade_no": body["out_trade_no"]})
    assert told["trade_status"] == "TRADE_CLOSED"


def test_a_query_tells_an_unpaid_trade_by_either_number(alipay, body):
    trade_no = alipay.create(body)["trade_no"]
    by_ours = alipay.call("alipay.trade.query", {"out_trade_no": body["out_trade_no"]})
    assert by_ours == alipay.call("alipay.trade.query", {"trade_no": trade_no})
    assert (by_ours["trade_status"], by_ours["total_amount"]) == ("WAIT_BUYER_PAY", "21.00")
    assert "send_pay_date" not in by_ours


def test_a_query_tells_a_paid_trade(alipay, body):
    alipay.create(body)
    pay_it()
    told = alipay.call("alipay.trade.query", {"out_trade_no": body["out_trade_no"]})
    assert (told["trade_status"], told["receipt_amount"]) == ("TRADE_SUCCESS", "21.00")
    assert told["buyer_user_id"] == body["buyer_id"]
    assert told["send_pay_date"][:10] == beijing_time()[:10]


@pytest.mark.parametrize("method", ["alipay.trade.query", "alipay.trade.close"])
def test_an_unknown_trade_does_not_exist(alipay, method):
    told = alipay.call(method, {"out_trade_no": "nothing"})
    assert (told["code"], told["sub_code"]) == ("40004", "ACQ.TRADE_NOT_EXIST")


@pytest.mark.parametrize("method", ["alipay.trade.query", "alipay.trade.close"])
@pytest.mark.parametrize("biz", [{}, {"out_trade_no": None}, {"out_trade_no": 1}, {"trade": "1"}, []])
def test_a_trade_must_be_named(alipay, method, biz):
    assert alipay.call(method, biz)["sub_code"] == "ACQ.INVALID_PARAMETER"


def test_close_closes_once(alipay, body):
    alipay.create(body)
    number = {"out_trade_no": body["out_trade_no"]}
    assert alipay.call("alipay.trade.close", number)["code"] == "10000"
    assert alipay.call("alipay.trade.close", number)["sub_code"] == "ACQ.TRADE_STATUS_ERROR"


def test_close_of_a_paid_trade_is_refused(alipay, body):
    alipay.create(body)
    pay_it()
    told = alipay.call("alipay.trade.close", {"out_trade_no": body["out_trade_no"]})
    assert told["sub_code"] == "ACQ.TRADE_STATUS_ERROR"


@pytest.mark.parametrize(("change", "sub_code"), [
    ({"sign": "bm90IG1pbmU="}, "isv.invalid-signature"),
    ({"sign": "***"}, "isv.invalid-signature"),
    ({"sign": ""}, "isv.missing-signature"),
    ({"sign_type": "RSA"}, "isv.invalid-signature-type"),
    ({"sign_type": None}, "isv.missing-signature-type"),
    ({"charset": "gbk"}, "isv.invalid-charset"),
    ({"charset": None}, "isv.missing-charset"),
    ({"format": "XML"}, "isv.invalid-format"),
    ({"version": "2.0"}, "isv.invalid-version"),
    ({"version": None}, "isv.missing-version"),
    ({"timestamp": None}, "isv.missing-timestamp"),
    ({"timestamp": "2026-1-2 3:04:05"}, "isv.invalid-timestamp"),
    ({"timestamp": "yesterday"}, "isv.invalid-timestamp"),
    ({"notify_url": "not a url"}, "isv.invalid-notify-url"),
])  # fmt: skip
def test_wrong_common_parameters_are_refused_and_signed(alipay, change, sub_code):
    told = alipay.call("alipay.trade.query", {"out_trade_no": "x"}, **change)
    assert (told["code"][:2], told["sub_code"]) == ("40", sub_code)


def test_a_trade_call_needs_its_biz_content(alipay):
    assert alipay.call("alipay.trade.query")["sub_code"] == "isv.missing-biz-content"


@pytest.mark.parametrize("seconds", [-310, 310, -8 * 3600])
def test_the_timestamp_is_beijing_time_within_five_minutes(alipay, seconds):
    told = alipay.call("alipay.trade.query", {"out_trade_no": "x"}, timestamp=beijing_time(seconds))
    assert told["sub_code"] == "isv.invalid-timestamp"


@pytest.mark.parametrize(("change", "sub_code"), [
    ({"app_id": "2021000000000000"}, "isv.invalid-app-id"),
    ({"app_id": None}, "isv.missing-app-id"),
    ({"method": "alipay.trade.refund.everything"}, "isv.invalid-method"),
    ({"method": ""}, "isv.invalid-method"),
])  # fmt: skip
def test_what_is_wrong_before_app_and_method_are_known_is_an_unsigned_error_response(
    alipay, change, sub_code
):
    params = alipay.params("alipay.trade.query", {"out_trade_no": "x"}) | change
    answer = json.loads(alipay.send({name: value for name, value in params.items() if value is not None}))
    assert list(answer) == ["error_response"]
    assert answer["error_response"]["sub_code"] == sub_code


def test_sign_type_is_signed_and_blanks_are_not(alipay):
    params = alipay.params("alipay.trade.query", {"out_trade_no": "x"}, return_url="")
    assert "ACQ.TRADE_NOT_EXIST" in alipay.send(params)
    assert "isv.invalid-signature" in alipay.send(params | {"return_url": "https://other.example"})


def test_parameters_may_come_in_the_query_string(alipay, body):
    params = alipay.params("alipay.trade.create", body)
    text = alipay.send(params, in_query=[name for name in params if name != "biz_content"])
    assert json.loads(text)["alipay_trade_create_response"]["code"] == "10000"


def test_a_parameter_given_twice_is_refused(alipay):
    form = "app_id=1&app_id=2"
    answer = alipay.client.post("/sandbox/alipay/gateway.do", form, "application/x-www-form-urlencoded")
    assert json.loads(answer.content)["error_response"]["sub_code"] == "isv.invalid-parameter"


@pytest.mark.parametrize("change", [
    {"unknown": "1"},
    {"body": None, "subject": None},
    {"subject": "a/b"},
    {"subject": "a=b"},
    {"subject": "a&b"},
    {"subject": "x" * 257},
    {"subject": ""},
    {"total_amount": "21"},
    {"total_amount": "21.0"},
    {"total_amount": "21.000"},
    {"total_amount": "0.00"},
    {"total_amount": 21.00},
    {"total_amount": "1e2"},
    {"total_amount": "-1.00"},
    {"out_trade_no": "a-b"},
    {"out_trade_no": "a" * 65},
    {"out_trade_no": "a\n"},
    {"buyer_id": "2088000000000000"},
    {"buyer_id": None},
    {"buyer_open_id": "both"},
    {"buyer_id": "2088"},
    {"product_code": "QUICK_WAP_WAY"},
    {"product_code": "JSAPI_PAY"},
    {"time_expire": "2018-06-08 10:34:56"},
    {"time_expire": "2099-06-08 10:34:56"},
    {"time_expire": "2099-06-08T10:34:56+08:00"},
    {"time_expire": None, "timeout_express": "16d"},
    {"time_expire": None, "timeout_express": "1w"},
])  # fmt: skip
def test_a_wrong_biz_content_is_an_invalid_parameter(alipay, body, change):
    wanted = {name: value for name, value in (body | change).items() if value is not None}
    assert alipay.create(wanted)["sub_code"] == "ACQ.INVALID_PARAMETER"
    assert not Trade.objects.exists()


def test_null_is_refused(alipay, body):
    assert alipay.create(body | {"body": None})["sub_code"] == "ACQ.INVALID_PARAMETER"


def test_another_sellers_trade_is_refused(alipay, body):
    assert alipay.create(body | {"seller_id": "2088000000000000"})["sub_code"] == "ACQ.PARTNER_ERROR"


@pytest.mark.parametrize("change", [
    {"product_code": "JSAPI_PAY", "op_app_id": "2021000000000001"},
    {"subject": "汉" * 256},
    {"time_expire": None, "timeout_express": "90m"},
    {"time_expire": None},
    {"total_amount": "100000000.00"},
])  # fmt: skip
def test_what_the_documents_allow_is_taken(alipay, body, change):
    wanted = {name: value for name, value in (body | change).items() if value is not None}
    assert alipay.create(wanted)["code"] == "10000"


def test_a_buyer_may_be_named_by_open_id(alipay):
    told = alipay.token(alipay.code())
    body = alipay.create_body(None, buyer_open_id=told["open_id"])
    assert alipay.create(body)["code"] == "10000"


def test_a_buyer_of_another_app_does_not_exist(alipay, body):
    other = type(alipay)(alipay.client, issue_alipay_credentials())
    assert alipay.create(body | {"buyer_id": other.user_id()})["sub_code"] == "ACQ.INVALID_PARAMETER"


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


def test_the_token_answer_carries_no_code(alipay):
    assert "code" not in alipay.token(alipay.code())


def test_a_code_works_once_and_for_its_own_app(alipay):
    code = alipay.code()
    other = type(alipay)(alipay.client, issue_alipay_credentials())
    assert other.token(code)["sub_code"] == "isv.code-invalid"
    assert "user_id" in alipay.token(code)
    assert alipay.token(code)["sub_code"] == "isv.code-invalid"


def test_a_code_lives_five_minutes(alipay):
    code = alipay.code()
    OAuthCode.objects.update(expires_at=F("expires_at") - timedelta(seconds=301))
    assert alipay.token(code)["sub_code"] == "isv.code-invalid"


def test_grant_type_and_code_are_not_read_from_biz_content(alipay):
    inside = {"grant_type": "authorization_code", "code": alipay.code()}
    told = alipay.call("alipay.system.oauth.token", inside)
    assert told["sub_code"] == "isv.grant-type-invalid"


def test_credentials_have_the_accounts_names(alipay):
    assert set(alipay.config) == {"app_id", "seller_id", "alipay_public_key"}
    assert set(alipay.secrets) == {"private_key"}
    assert alipay.config["seller_id"].startswith("2088")
