"""The envelope: what is a message, who is calling, and answers that are signed."""

import hashlib
import json
from typing import Any

import pytest

from scanforpay_django.models import Order, Partner, SignKey
from tests.merchant import (
    SIGN_KEY,
    STORE_NO,
    Merchant,
    envelope,
    header,
    order_body,
    split_verifies,
)
from tests.operations.signature.calls import OLD_KEY, OTHER_KEY, compact, keys, php, sent, sha, value

__all__ = ["keys"]

CREATE = "/api/jspay/create"


@pytest.mark.django_db(transaction=True)
def test_a_stranger_and_a_wrong_signature_cost_the_same_queries(
    merchant: Merchant, django_assert_num_queries
) -> None:
    for partner_no in ("10001", "10009"):
        with django_assert_num_queries(1):
            merchant.post(CREATE, envelope(header(partnerNo=partner_no), order_body(), key="wrong"))


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


def test_a_byte_order_mark_before_the_message_is_no_part_of_it(merchant: Merchant) -> None:
    raw = b"\xef\xbb\xbf" + envelope(header(), order_body())
    assert merchant.post(CREATE, raw).json()["response"]["body"]["code"] == 1


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


def refusal(merchant: Merchant, raw: bytes, signature: str) -> dict[str, Any]:
    """The answer to a call that is not proven: never signed."""
    answer = json.loads(merchant.post("/api/jspay/create", sent(raw, signature)).content)
    assert (answer["response"]["body"]["code"], answer["signature"]) == (8, "")
    found: dict[str, Any] = answer["response"]["body"]
    return found


@pytest.mark.django_db
def test_partners_in_test_mode_are_told_in_msg(keys: Merchant) -> None:
    raw = compact(value())
    silent = refusal(keys, raw, sha(php(raw), SIGN_KEY))["msg"]
    keys.partner.test_mode = True
    keys.partner.save()
    keys.store.language = "en"
    keys.store.save()
    told = refusal(keys, raw, sha(php(raw), SIGN_KEY))["msg"]
    assert told.startswith("The signature is not valid. Signed and sent differ in how / is written")
    assert silent != told
    assert len(told) <= 100
    # Whose key it is otherwise, is nobody's business.
    assert "10002" not in refusal(keys, raw, sha(raw, OTHER_KEY))["msg"]
    assert "last year's" in refusal(keys, raw, sha(raw, OLD_KEY))["msg"]


@pytest.mark.django_db
def test_others_are_told_nothing(keys: Merchant) -> None:
    raw = compact(value())
    told = {refusal(keys, raw, sha(raw, key))["msg"] for key in (OLD_KEY, OTHER_KEY, "x")}
    stranger = compact(value(partnerNo="10009"))
    assert told | {refusal(keys, stranger, sha(stranger, SIGN_KEY))["msg"]} == {"签名不正确。"}
