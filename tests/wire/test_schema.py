"""The OpenAPI document: whatever is called by it, every answer is as it says, signed, and none is our own fault."""

import hashlib
import json
import sys
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

from scanforpay_django import codes
from scanforpay_django.merchant_api import schema_views
from scanforpay_django.models import Partner
from scanforpay_django.urls import calls
from tests.merchant import (
    PARTNER_NO,
    SIGN_KEY,
    STORE_NO,
    Merchant,
    envelope,
    header,
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
CASES = 260 if connection.vendor == "postgresql" else 60


def document() -> dict[str, Any]:
    """As it is served."""
    found: dict[str, Any] = Client().get("/api/schema/").json()
    return found


def test_every_call_is_described() -> None:
    described = document()["paths"]
    assert sorted(described) == sorted(f"/{one.pattern}" for one in calls)
    for path in described.values():
        assert path["post"]["summary"]
        assert path["post"]["responses"]["200"]["content"]["application/json"]["examples"]
    told = document()["components"]["schemas"]["Refusal"]["properties"]["code"]["enum"]
    assert told == [*codes.TEXTS]


def test_the_page_asks_no_other_host() -> None:
    page = Client().get("/api/schema/page")
    assert page.status_code == 200
    assert b"://" not in page.content
    assert "script-src 'self'" in page["Content-Security-Policy"]
    assert b"<redoc " in page.content
    assert b"pip install" not in page.content
    assert Client().get("/api/schema/redoc.js")["Content-Type"] == "text/javascript"


@pytest.fixture
def without_redoc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The extra is not installed: importing its package fails."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "drf_spectacular_sidecar"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "drf_spectacular_sidecar", None)
    schema_views._redoc.cache_clear()
    yield
    schema_views._redoc.cache_clear()


def test_without_redoc_the_page_says_how_to_get_it(without_redoc: None) -> None:
    page = Client().get("/api/schema/page")
    assert page.status_code == 200
    assert b'pip install "scanforpay-django[api-page]"' in page.content
    assert b'<a href="/api/schema/">' in page.content
    assert b"<script" not in page.content
    assert b"://" not in page.content
    assert document()["openapi"] == "3.1.0"
    assert Client().get("/api/schema/redoc.js").status_code == 404


@pytest.mark.django_db
def test_the_examples_are_calls_that_read(merchant: Merchant) -> None:
    for path, call in document()["paths"].items():
        content = call["post"]["requestBody"]["content"]["application/json"]
        body = content["examples"]["call"]["value"]["request"]["body"]
        told = merchant.call(f"/api{path}", body)
        assert told["code"] not in (4, 5, 6, 7, 8, 9), (path, told)


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
SEEN: dict[str, set[int]] = {}


@pytest.fixture(scope="module", autouse=True)
def every_kind_was_generated() -> Iterator[None]:
    """Right calls and wrong ones, proven and not: else all the cases would prove little."""
    yield
    for path, seen in SEEN.items():
        # Only a call that makes an order has fields enough for chance to find a wrong one each time.
        wanted = {6, 8} if path.startswith("/common/") else {5, 6, 8}
        assert wanted <= seen, (path, seen)
        # The store may not charge codes, and nothing was paid that could be refunded.
        assert seen & ({44} if path == "/offline/pay" else {32, 30} if "refund" in path else {1}), (
            path,
            seen,
        )


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
    answer = case.call(base_url=f"{live_server.url}/api", session=session)
    case.validate_response(answer, checks=list(CHECKS))
    told = json.loads(answer.content)
    assert told["signature"] == "" or split_verifies(answer.content.decode(), SIGN_KEY)
    SEEN.setdefault(case.operation.path, set()).add(told["response"]["body"]["code"])
