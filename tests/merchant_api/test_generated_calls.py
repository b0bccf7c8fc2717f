"""Whatever is called by the OpenAPI document, every answer is as it says, signed, and none is our own fault."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from scanforpay_django.models import Partner
from tests.merchant import (
    PARTNER_NO,
    SIGN_KEY,
    STORE_NO,
    Merchant,
    envelope,
    header,
    order_body,
    seed_merchant,
    split_verifies,
)

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)

# Eight calls: 2,080 cases on PostgreSQL; SQLite sees a sample.
CASES = 100 if connection.vendor == "postgresql" else 30


def document() -> dict[str, Any]:
    """As it is served."""
    found: dict[str, Any] = Client().get("/api/schema/").json()
    return found


def generated_body(raw: Any) -> dict[str, Any] | None:
    """The call's body in what was generated, if it has one."""
    try:
        body = json.loads(raw)["request"]["body"]
    except (ValueError, TypeError, KeyError):
        return None
    return body if isinstance(body, dict) else None


def right_fields(body: dict[str, Any], luck: bytes) -> dict[str, Any]:
    """What makes the call one that a shop would make."""
    new = {
        "partnerOrderNo": f"s{luck.hex()[:20]}",
        "orderAmount": 1 + luck[3],
        "currency": "CNY",
        "notifyUrl": "",
    }
    if "barcode" in body:
        return {**new, "barcode": "134567890123456789"}
    if "wallet" in body:
        return {**new, "wallet": "Wechat", "returnUrl": "https://shop.example.com/done"}
    return {"partnerOrderNo": "p1"} if "partnerOrderNo" in body else {}


class Signing(requests.auth.AuthBase):
    """Signs what was generated, as our merchant of our store. One in eight goes out as it is: nobody signed it."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        luck = hashlib.sha256(bytes(request.body or b"")).digest()
        body = generated_body(request.body)
        if luck[0] % 8 == 0 or body is None:
            return request
        if "storeNo" in body and luck[1] % 8:
            body["storeNo"] = STORE_NO
        if luck[2] % 2:
            body |= right_fields(body, luck)
        request.body = envelope(header(partnerNo=PARTNER_NO), body)
        request.headers["Content-Length"] = str(len(request.body))
        return request


schema = schemathesis.openapi.from_dict(document())

NEW = order_body(partnerOrderNo="new")

REPORTED = {"goodsAmount": 2000, "goodsExtraAmount": 100}

TILL = {name: value for name, value in (NEW | {"barcode": "134567890123456789"}).items() if name != "wallet"}

REFUND = {"partnerOrderNo": "p1", "refundNo": "r1", "orderAmount": 2100}

BAD, ABSENT = {"partnerOrderNo": "not a number"}, {"partnerOrderNo": "absent"}

# Of each call the bodies that a shop may send, by the code that they end in. The order p1 is there and not paid.
ORDERS: dict[int, dict[str, Any]] = {1: {"partnerOrderNo": "p1"}, 3: ABSENT | {"storeNo": "100010000000009"}}

BODIES: dict[str, dict[int, Any]] = {
    "/jspay/create": {
        1: NEW,
        3: NEW | {"storeNo": "9"},
        4: {},
        5: NEW | BAD,
        31: NEW | {"partnerOrderNo": "p1"},
    },
    "/online/create": {1: NEW | REPORTED | {"currency": "CNY"}, 4: NEW, 5: NEW | {"orderAmount": 0}},
    "/offline/qrcode": {1: NEW | REPORTED, 4: {}, 5: NEW | {"goodsAmount": -1}},
    "/offline/create": {1: NEW | {"it_b_pay": "2h"}, 4: {}, 5: NEW | {"it_b_pay": "2 hours"}},
    "/counter/create": {4: {}, 5: NEW | {"counterNo": "till-9"}},
    # The store's account was not granted the product.
    "/offline/pay": {3: TILL | {"storeNo": "9"}, 4: NEW, 5: TILL | {"barcode": "x y"}, 44: TILL},
    "/common/payQuery": {**ORDERS, 5: BAD, 7: {}, 30: ABSENT},
    "/common/close": {
        code: {**body, "action": "close"} for code, body in {**ORDERS, 5: BAD, 7: {}, 30: ABSENT}.items()
    }
    | {4: ABSENT},
    "/common/refund": {4: {}, 5: REFUND | {"orderAmount": "all"}, 30: REFUND | ABSENT, 32: REFUND},
    "/common/refundQuery": {4: {}, 5: {"refundNo": "r 1"}, 30: {"refundNo": "r1"}},
}


def raw_calls(path: str) -> Iterator[tuple[int, int, bytes]]:
    """The calls of one path, each with the HTTP status and the code of its answer."""
    bodies = BODIES[path]
    yield from ((200, code, envelope(header(), body)) for code, body in bodies.items())
    right = envelope(header(), bodies[max(bodies)])
    yield 200, 6, right[:-1]
    yield 413, 6, right + b" " * 65536
    yield 200, 8, envelope(header(), bodies[max(bodies)], "the key of another partner")
    yield 200, 8, json.dumps({**json.loads(right), "signature": ""}).encode()


def conforms(case: schemathesis.Case, answer: schemathesis.Response) -> None:
    """As the document says, and signed unless the caller is not proven."""
    case.validate_response(answer, checks=list(CHECKS))
    text = answer.content.decode()
    told = json.loads(text)
    signed = split_verifies(text, SIGN_KEY)
    assert signed or (told["signature"], told["response"]["body"]["code"] in (6, 8)) == ("", True), told


def posted(merchant: Merchant, path: str, raw: bytes) -> schemathesis.Response:
    """The answer as Schemathesis reads it."""
    url = f"/api{path}"
    answer = merchant.post(url, raw)
    return schemathesis.Response(
        status_code=answer.status_code,
        headers={name: [value] for name, value in answer.headers.items()},
        content=answer.content,
        request=requests.Request("POST", f"http://testserver{url}", data=raw).prepare(),
        elapsed=0,
        verify=True,
    )


@pytest.mark.django_db
@pytest.mark.parametrize("path", BODIES)
def test_every_kind_of_answer_is_as_described_and_signed(merchant: Merchant, path: str) -> None:
    merchant.create(partnerOrderNo="p1", orderAmount=2000)
    case = schema[path]["POST"].Case()
    for status, code, raw in raw_calls(path):
        answer = posted(merchant, path, raw)
        told = json.loads(answer.content)["response"]["body"]
        assert (answer.status_code, told["code"]) == (status, code), (raw, told)
        conforms(case, answer)


def test_every_call_was_made() -> None:
    assert sorted(BODIES) == sorted(document()["paths"])


@pytest.fixture
def session(settings: Any) -> requests.Session:
    """Connections of a signing merchant."""
    settings.SCANFORPAY_UNPROVEN_CALLS_PER_MINUTE = 0
    settings.SCANFORPAY_REFUND_HOLD_SECONDS = 0
    made = requests.Session()
    made.auth = Signing()
    return made


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@schema.parametrize()
@settings(max_examples=CASES, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
def test_every_answer_is_as_described_and_signed(
    case: schemathesis.Case, live_server: Any, session: requests.Session
) -> None:
    if not Partner.objects.exists():
        seed_merchant().create(partnerOrderNo="p1")
    conforms(case, case.call(base_url=f"{live_server.url}/api", session=session))
