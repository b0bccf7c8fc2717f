"""The examples of docs/merchant-api.md are what goes over the wire."""

import base64
import hashlib
import hmac
import json
import re
from pathlib import Path
from typing import Any

import pytest

from scanforpay_django.models import CounterCode, Notification, Order
from scanforpay_django.urls import calls
from tests.flows.barcode_till import CODES, PAYS, Till, till
from tests.merchant import Merchant
from tests.paid_order import pay, quick
from tests.scripted import Platform, platform

__all__ = ["platform", "quick", "till"]
PAGE = (Path(__file__).parents[2] / "docs" / "merchant-api.md").read_text(encoding="utf-8")
KEY = "123456"
Example = tuple[dict[str, Any], dict[str, Any]]


def blocks(section: str, kind: str = "json") -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)\n```$", section, re.MULTILINE | re.DOTALL)


def section(title: str) -> str:
    found = re.search(rf"^## {title}[^\n]*\n(.*?)(?=^## )", PAGE, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1]


def examples() -> dict[str, Example]:
    """The bodies of a call and of its answer, by the call, in the page's order."""
    found: dict[str, Example] = {}
    for heading, text in re.findall(r"^## ([^\n]*)\n(.*?)(?=^## )", PAGE, re.MULTILINE | re.DOTALL):
        paths = re.findall(r"`POST (/api/[\w/]+)`", heading)
        bodies = [_body(json.loads(block)) for block in blocks(text)]
        pairs = zip(bodies[::2], bodies[1::2], strict=True)
        found |= dict(zip(paths, pairs, strict=True)) if paths else {}
    return found


def _body(message: dict[str, Any]) -> dict[str, Any]:
    inner = message.get("request") or message.get("response") or {"body": message}
    body: dict[str, Any] = inner["body"]
    return body


def shape(body: dict[str, Any]) -> list[tuple[str, type]]:
    """Names and types, in their order."""
    return [(name, type(value)) for name, value in body.items()]


#: what is not of the moment
SAME = ("code", "msg", "status", "partnerOrderNo", "refundNo", "orderAmount", "currency")


def check(answer: dict[str, Any], documented: dict[str, Any]) -> None:
    assert shape(answer) == shape(documented)
    for name in SAME:
        assert answer.get(name) == documented.get(name), name
    if "payTime" in answer:
        assert re.sub(r"\d", "0", answer["payTime"]) == re.sub(r"\d", "0", documented["payTime"])
        assert bool(answer["buyerId"]) <= bool(documented["buyerId"])


def test_every_call_has_an_example() -> None:
    assert sorted(examples()) == sorted(f"/api/{one.pattern}" for one in calls)


@pytest.mark.django_db(transaction=True)
def test_the_calls_answer_as_documented(merchant: Merchant, platform: Platform, quick: None) -> None:
    CounterCode.objects.create(store=merchant.store, number="till-1")
    for path, (body, documented) in examples().items():
        if path == "/api/offline/pay":
            continue
        if path == "/api/common/payQuery":
            pay(platform, Order.objects.get(partner_order_no="p20260102-1"))
        check(merchant.call(path, body), documented)


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_a_scanned_code_is_answered_as_documented(till: Till) -> None:
    body, documented = examples()["/api/offline/pay"]
    barcode = body["barcode"] if till.wallet == "Wechat" else CODES[till.wallet] + PAYS
    check(till.merchant.call("/api/offline/pay", {**body, "barcode": barcode}), documented)


@pytest.mark.parametrize("name", ["request", "response"])
def test_the_whole_messages_are_signed_right(name: str) -> None:
    (message,) = [block for block in blocks(section("Create an order")) if block.startswith(f'{{"{name}"')]
    value = message.removeprefix(f'{{"{name}":').rpartition(',"signature":"')[0]
    assert hashlib.sha256((value + KEY).encode()).hexdigest() == json.loads(message)["signature"]


@pytest.mark.django_db(transaction=True)
def test_the_notification_is_as_it_is_sent(merchant: Merchant, platform: Platform) -> None:
    sent, answered = blocks(section("Be notified"), "http")
    head, _, body = sent.partition("\n\n")
    headers = dict(line.split(": ", 1) for line in head.splitlines()[1:])
    value = body.removeprefix('{"response":').rpartition(',"signature":"')[0]
    assert hashlib.sha256((value + KEY).encode()).hexdigest() == json.loads(body)["signature"]
    signed = f"{headers['Webhook-Id']}.{headers['Webhook-Timestamp']}.{body}".encode()
    right = base64.b64encode(hmac.digest(KEY.encode(), signed, "sha256")).decode()
    assert headers["Webhook-Signature"] == f"v1,{right}"
    assert int(headers["Content-Length"]) == len(body)
    assert answered.endswith("\n\nsuccess")
    merchant.create(partnerOrderNo="p20260102-1", notifyUrl="https://shop.example.com/notify")
    pay(platform, Order.objects.get())
    real, documented = json.loads(Notification.objects.get().content), json.loads(value)
    assert shape(real["header"]) == shape(documented["header"])
    check(real["body"], documented["body"])


def test_a_refunds_notification_is_refunds_answer() -> None:
    (documented,) = blocks(section("Be notified"))
    assert json.loads(documented) == examples()["/api/common/refund"][1]
