"""Door 1: create and payQuery over HTTP."""

import hashlib
import json

import pytest

from scanforpay_django.models import Order, Partner, SignKey, Store
from tests.merchant import (
    PARTNER_NO,
    SIGN_KEY,
    STORE_NO,
    Merchant,
    envelope,
    header,
    order_body,
    split_verifies,
)

CREATE = "/api/jspay/create"
QUERY = "/api/common/payQuery"


def test_create_answers_the_address_of_a_pay_page(merchant: Merchant) -> None:
    answer = merchant.create()
    order = Order.objects.get()
    assert answer["code"] == 1
    assert answer["payUrl"] == f"http://localhost:8000/api/jspay/pay/{order.token}"
    assert len(order.token) == 22
    assert answer["orderNo"] == order.order_no


def test_the_same_call_again_is_the_same_order(merchant: Merchant) -> None:
    first = merchant.create(partnerOrderNo="p1")
    assert merchant.create(partnerOrderNo="p1") == first
    assert Order.objects.count() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"orderAmount": 2101},
        {"orderTitle": "other"},
        {"wallet": "Alipay"},
        {"returnUrl": "https://shop.example/"},
    ],
)
def test_other_content_under_the_same_number_is_code_31(merchant: Merchant, change: dict) -> None:
    merchant.create(partnerOrderNo="p1")
    assert merchant.create(partnerOrderNo="p1", **change)["code"] == 31
    assert Order.objects.get().amount == 2100


def test_same_again_after_payment_or_closing_answers_the_same(merchant: Merchant) -> None:
    first = merchant.create(partnerOrderNo="p1")
    Order.objects.update(state="closed")
    assert merchant.create(partnerOrderNo="p1") == first


def test_the_seed_sample_creates_an_order(merchant: Merchant) -> None:
    body = {
        "storeNo": STORE_NO,
        "partnerOrderNo": "p20180725180605466813",
        "orderAmount": 2100,
        "orderTitle": "Consume",
        "barcode": "284447106610060508",
        "operatorId": "211918",
        "terminalNo": "123456",
        "notifyUrl": "",
        "returnUrl": "",
        "wallet": "Wechat",
    }
    sample = header(reqTime=None, requestTime=header()["reqTime"])
    assert json.loads(merchant.post(CREATE, envelope(sample, body)).content)["response"]["body"]["code"] == 1
    del body["wallet"]
    refused = merchant.call(CREATE, body)
    assert refused["code"] == 4
    assert "wallet" in refused["msg"]


def test_php_bytes_verify(merchant: Merchant) -> None:
    value = (
        '{"header":{"version":"1.0","partnerNo":"10001","reqMsgId":"","reqTime":"TIME","signType":"SHA256"},'
        '"body":{"storeNo":"STORE","partnerOrderNo":"php1","wallet":"Alipay","orderAmount":100,"currency":"CNY",'
        '"orderTitle":"\\u8336","notifyUrl":"https:\\/\\/shop.example.com\\/notify?a=1"}}'
    )
    value = value.replace("TIME", header()["reqTime"]).replace("STORE", STORE_NO)
    signature = hashlib.sha256((value + SIGN_KEY).encode()).hexdigest()
    raw = f'{{"request":{value},"signature":"{signature.upper()}"}}'.encode()
    answer = merchant.post(CREATE, raw, headers={"accept": "text/html"})
    assert json.loads(answer.content)["response"]["body"]["code"] == 1
    assert Order.objects.get().notify_url == "https://shop.example.com/notify?a=1"


REFUSED = [
    ({"storeNo": None}, 4, "storeNo"),
    ({"partnerOrderNo": ""}, 4, "partnerOrderNo"),
    ({"orderAmount": None}, 4, "orderAmount"),
    ({"wallet": ""}, 4, "wallet"),
    ({"orderAmount": 0}, 5, "orderAmount"),
    ({"orderAmount": -1}, 5, "orderAmount"),
    ({"orderAmount": "2100"}, 5, "orderAmount"),
    ({"orderAmount": True}, 5, "orderAmount"),
    ({"orderAmount": 12.5}, 5, "orderAmount"),
    ({"orderAmount": 10**30}, 5, "orderAmount"),
    ({"orderAmount": [1]}, 5, "orderAmount"),
    ({"wallet": "Paypal"}, 5, "wallet"),
    ({"wallet": "AlipayHK"}, 44, "AlipayHK"),
    ({"currency": "HKD"}, 5, "currency"),
    ({"currency": "cny"}, 5, "currency"),
    ({"partnerOrderNo": " p1"}, 5, "partnerOrderNo"),
    ({"partnerOrderNo": "p" * 33}, 5, "partnerOrderNo"),
    ({"partnerOrderNo": "茶"}, 5, "partnerOrderNo"),
    ({"partnerOrderNo": 17}, 5, "partnerOrderNo"),
    ({"operatorId": "a\u0000b"}, 5, "operatorId"),
    ({"operatorId": "\ud800"}, 5, "operatorId"),
    ({"notifyUrl": "ftp://shop.example/"}, 5, "notifyUrl"),
    ({"notifyUrl": "http://169.254.169.254/latest"}, 5, "notifyUrl"),
    ({"notifyUrl": "https://user:pw@shop.example/"}, 5, "notifyUrl"),
    ({"notifyUrl": "https://shop.example:22/"}, 5, "notifyUrl"),
    ({"returnUrl": "javascript:alert(1)"}, 5, "returnUrl"),
    ({"returnUrl": "https://shop.example/" + "x" * 200}, 5, "returnUrl"),
    ({"storeNo": "999"}, 3, ""),
]


@pytest.mark.parametrize(("change", "code", "word"), REFUSED, ids=lambda v: str(v)[:40])
def test_bad_input_is_named(merchant: Merchant, change: dict, code: int, word: str) -> None:
    answer = merchant.create(**change)
    assert (answer["code"], word in answer["msg"]) == (code, True), answer
    assert len(answer["msg"]) <= 100
    assert not Order.objects.exists()


def test_integral_floats_are_integers(merchant: Merchant) -> None:
    body = order_body(orderAmount=2100)
    value = json.dumps({"header": header(), "body": body}).replace("2100", "2100.0")
    signature = hashlib.sha256((value + SIGN_KEY).encode()).hexdigest()
    answer = merchant.post(CREATE, f'{{"request":{value},"signature":"{signature}"}}'.encode())
    assert json.loads(answer.content)["response"]["body"]["code"] == 1


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("1998.9999999999998", 1999),
        ("434.99999999999994", 435),
        ("2100.0000000000005", 2100),
        ("2.1e3", 2100),
    ],
)
def test_the_noise_of_a_phps_product_is_no_fraction(merchant: Merchant, sent: str, kept: int) -> None:
    assert create_with_amount(merchant, sent) == 1
    assert Order.objects.get().amount == kept


@pytest.mark.parametrize("sent", ["1998.999999", "2100.0000001", "0.5", "1998.999999999", "1e-30"])
def test_nothing_else_is_rounded(merchant: Merchant, sent: str) -> None:
    assert create_with_amount(merchant, sent) == 5


def create_with_amount(merchant: Merchant, text: str) -> int:
    """The code of a create call whose amount is written so."""
    value = json.dumps({"header": header(), "body": order_body(orderAmount=424242)}).replace("424242", text)
    signature = hashlib.sha256((value + SIGN_KEY).encode()).hexdigest()
    answer = merchant.post(CREATE, f'{{"request":{value},"signature":"{signature}"}}'.encode())
    return int(json.loads(answer.content)["response"]["body"]["code"])


def test_long_and_dirty_titles_are_cut_and_cleaned(merchant: Merchant) -> None:
    merchant.create(orderTitle="🍵" * 120 + "\n")
    assert Order.objects.get().title == "🍵" * 100
    merchant.create(orderTitle="a\tb\ud800")
    assert Order.objects.order_by("-pk")[0].title == "a b\ufffd"


def test_null_and_blank_mean_not_given(merchant: Merchant) -> None:
    assert merchant.create(partnerOrderNo="p1", operatorId="")["code"] == 1
    body = {**order_body(partnerOrderNo="p1"), "operatorId": None, "currency": None, "returnUrl": ""}
    assert merchant.call(CREATE, body)["code"] == 1
    assert Order.objects.get().currency == "CNY"


def test_no_account_is_43_and_other_account_is_44(merchant: Merchant) -> None:
    merchant.store.wallet_accounts.filter(wallet="Alipay").update(is_active=False)
    assert merchant.create(wallet="Alipay")["code"] == 44
    merchant.store.wallet_accounts.update(is_active=False)
    assert merchant.create(wallet="Alipay")["code"] == 43


# -- who calls ----------------------------------------------------------------------------------------


def _unproven(merchant: Merchant, raw: bytes) -> dict:
    answer = merchant.post(CREATE, raw)
    assert answer.status_code == 200
    whole = json.loads(answer.content)
    assert whole["signature"] == ""
    assert whole["response"]["body"]["code"] == 8
    return whole


@pytest.mark.parametrize(
    "changes",
    [
        {"partnerNo": "nobody"},
        {"partnerNo": None},
        {"partnerNo": 10001},
        {"partnerNo": ["10001"]},
        {"partnerNo": "a\u0000"},
        {"signType": "MD5"},
        {"signType": "sha256"},
        {"signType": ["SHA256"]},
        {"signType": "HMAC-SHA256"},
        {"respTime": "2026-01-02T03:04:05+00:00"},
    ],
)
def test_who_is_not_proven_gets_8_and_no_signature(merchant: Merchant, changes: dict) -> None:
    _unproven(merchant, envelope(header(**changes), order_body()))


@pytest.mark.parametrize("signature", [None, "", "0" * 63, "0" * 64, "é" * 64, 7, ["a"], {"a": 1}])
def test_bad_signatures_get_8(merchant: Merchant, signature: object) -> None:
    value = json.dumps({"header": header(), "body": order_body()})
    _unproven(merchant, f'{{"request":{value},"signature":{json.dumps(signature)}}}'.encode())


def test_a_stranger_cannot_tell_a_partner_from_none(merchant: Merchant) -> None:
    known = _unproven(merchant, envelope(header(), order_body(), key="wrong"))
    unknown = _unproven(merchant, envelope(header(partnerNo="10009"), order_body(), key="wrong"))
    assert known["response"]["body"] == unknown["response"]["body"]


def test_disabled_partner_is_3(merchant: Merchant) -> None:
    Partner.objects.update(is_active=False)
    assert merchant.create()["code"] == 3


def test_a_strangers_store_is_3(merchant: Merchant) -> None:
    other = Partner.objects.create(partner_no="10002", name="Other")
    Store.objects.create(partner=other, store_no="200", name="Other")
    assert merchant.create(storeNo="200") == merchant.create(storeNo="404")
    assert merchant.create(storeNo="200")["code"] == 3


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"reqTime": "2018-07-25T18:06:05+08:00"}, 3),
        ({"reqTime": "9999-12-31T23:59:59+00:00"}, 3),
        ({"reqTime": None}, 4),
        ({"reqTime": "yesterday"}, 5),
        ({"reqTime": "2026-13-01T00:00:00+00:00"}, 5),
        ({"reqTime": "2026-01-01T00:00:00"}, 5),
        ({"reqTime": 17}, 5),
        ({"version": None}, 4),
        ({"version": "2.0"}, 5),
        ({"reqMsgId": "x" * 37}, 5),
        ({"reqMsgId": 5}, 5),
        ({"reqMsgId": "a\u007f"}, 5),
    ],
)
def test_headers_are_checked_after_the_proof(merchant: Merchant, changes: dict, code: int) -> None:
    answer = merchant.post(CREATE, envelope(header(**changes), order_body()))
    assert json.loads(answer.content)["response"]["body"]["code"] == code
    assert split_verifies(answer.content.decode(), SIGN_KEY)


def test_the_window_can_be_off_but_the_time_is_required(merchant: Merchant) -> None:
    Partner.objects.update(request_window_seconds=0)
    old = header(reqTime="2018-07-25T18:06:05+08:00")
    body = json.loads(merchant.post(CREATE, envelope(old, order_body())).content)["response"]["body"]
    assert body["code"] == 1
    none = json.loads(merchant.post(CREATE, envelope(header(reqTime=None), order_body())).content)
    assert none["response"]["body"]["code"] == 4


def test_keys_rotate_with_an_overlap(merchant: Merchant) -> None:
    key = SignKey(partner=merchant.partner, name="second")
    key.set_secret("second-key")
    key.save()
    raw = envelope(header(), order_body(), key="second-key")
    answer = merchant.post(CREATE, raw).content.decode()
    assert split_verifies(answer, "second-key")
    assert merchant.create()["code"] == 1
    SignKey.objects.filter(name="first").update(valid_until="2020-01-01T00:00:00Z")
    _unproven(merchant, envelope(header(), order_body()))


def test_hmac_is_spoken_with_partners_that_may(merchant: Merchant) -> None:
    import hmac

    Partner.objects.update(allow_hmac=True)
    value = json.dumps({"header": header(signType="HMAC-SHA256"), "body": order_body()})
    signature = hmac.new(SIGN_KEY.encode(), value.encode(), "sha256").hexdigest()
    answer = merchant.post(CREATE, f'{{"request":{value},"signature":"{signature}"}}'.encode()).content
    raw = answer[len(b'{"response":') : answer.rindex(b',"signature":')]
    assert json.loads(answer)["signature"] == hmac.new(SIGN_KEY.encode(), raw, "sha256").hexdigest()


# -- what is no message ---------------------------------------------------------------------------------

NO_MESSAGE = [
    b"",
    b"null",
    b"[]",
    b"{}",
    b'{"request":[]}',
    b"\xef\xbb\xbf{}",
    b'{"request":{"a":NaN},"signature":""}',
    b'{"request":{"a":Infinity},"signature":""}',
    b'{"request":{},"request":{},"signature":""}',
    b'{"request":{"a":1,"a":2},"signature":""}',
    b'{"request":' + b"[" * 50_000,
    b'{"request":' + b'{"a":' * 50 + b"1" + b"}" * 51,
    b'{"request":{"n":' + b"9" * 5000 + b"}}",
    '{"request":{}}'.encode("utf-16"),
    b'{"request":{"a":"\xff"}}',
    b'{"request":{}} trailing',
    b"\x1f\x8b\x08\x00 gzip",
]


@pytest.mark.parametrize("raw", NO_MESSAGE, ids=lambda raw: repr(raw[:24]))
def test_what_is_no_message_gets_6(merchant: Merchant, raw: bytes) -> None:
    answer = merchant.post(CREATE, raw)
    whole = json.loads(answer.content)
    assert (answer.status_code, whole["response"]["body"]["code"], whole["signature"]) == (200, 6, "")


def test_1e309_is_refused_by_name(merchant: Merchant) -> None:
    value = json.dumps({"header": header(), "body": order_body()}).replace("2100", "1e309")
    signature = hashlib.sha256((value + SIGN_KEY).encode()).hexdigest()
    answer = json.loads(
        merchant.post(CREATE, f'{{"request":{value},"signature":"{signature}"}}'.encode()).content
    )
    assert answer["response"]["body"]["code"] == 5


@pytest.mark.parametrize(
    "content_type",
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
        "application/json; charset=utf-16",
    ],
)
def test_other_content_types_get_6(merchant: Merchant, client, content_type: str) -> None:
    answer = client.post(CREATE, envelope(header(), order_body()), content_type=content_type)
    assert (answer.status_code, json.loads(answer.content)["response"]["body"]["code"]) == (200, 6)


@pytest.mark.parametrize(
    "content_type", ["application/json;charset=utf-8", 'application/json; charset="UTF-8"']
)
def test_published_content_types_pass(merchant: Merchant, client, content_type: str) -> None:
    answer = client.post(CREATE, envelope(header(), order_body()), content_type=content_type)
    assert json.loads(answer.content)["response"]["body"]["code"] == 1


def test_too_large_is_413_in_the_envelope(merchant: Merchant) -> None:
    answer = merchant.post(CREATE, b'{"request":{"a":"' + b"x" * 70_000 + b'"}}')
    assert (answer.status_code, json.loads(answer.content)["response"]["body"]["code"]) == (413, 6)


def test_other_methods_are_405_in_the_envelope(merchant: Merchant, client) -> None:
    answer = client.get(CREATE)
    assert answer.status_code == 405
    assert json.loads(answer.content)["response"]["body"]["code"] == 6


# -- payQuery -------------------------------------------------------------------------------------------


def test_pay_query_by_either_number(merchant: Merchant) -> None:
    order_no = merchant.create(partnerOrderNo="p1")["orderNo"]
    by_ours = merchant.query(orderNo=order_no, partnerOrderNo="other", storeNo=STORE_NO)
    by_theirs = merchant.query(partnerOrderNo="p1")
    assert by_ours == by_theirs
    assert by_ours == {
        "code": 1,
        "msg": "success",
        "orderNo": order_no,
        "partnerOrderNo": "p1",
        "orderAmount": 2100,
        "currency": "CNY",
        "wallet": "Wechat",
        "status": 0,
        "payTime": "",
        "buyer": "",
        "buyerId": "",
    }


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 7),
        ({"storeNo": STORE_NO}, 7),
        ({"orderNo": "1"}, 30),
        ({"partnerOrderNo": "no"}, 30),
        ({"storeNo": "9"}, 3),
    ],
)
def test_pay_query_refusals_carry_status_0(merchant: Merchant, body: dict, code: int) -> None:
    answer = merchant.query(**body)
    assert (answer["code"], answer["status"]) == (code, 0)


def test_messages_are_in_the_stores_language(merchant: Merchant) -> None:
    assert merchant.query(storeNo=STORE_NO, orderNo="1")["msg"] == "订单不存在。"
    Store.objects.update(language="en")
    assert merchant.query(storeNo=STORE_NO, orderNo="1")["msg"] == "The order does not exist."


def test_our_own_failure_is_9_in_the_envelope(merchant: Merchant, settings) -> None:
    settings.SCANFORPAY_WALLETS = {"Wechat": "scanforpay_django.nowhere.Wallet"}
    settings.SCANFORPAY_BASE_URL = ""
    answer = merchant.post(CREATE, envelope(header(), order_body()))
    assert answer.status_code == 500
    assert json.loads(answer.content)["response"]["body"]["code"] == 9
    assert PARTNER_NO in answer.content.decode()
