"""The OpenAPI document describes the notifications as they are sent."""

import json
from typing import Any

import jsonschema
import pytest
from django.test import Client

from scanforpay_django.merchant_notify.delivery import drain
from scanforpay_django.models import Notification, Order, Refund
from tests.merchant import Merchant
from tests.paid_order import pay, quick, refund
from tests.scripted import Platform, platform
from tests.transport.zoo import Zoo

__all__ = ["platform", "quick"]
NAMES = {"paid": "orderPaid", "refund": "refundMade"}


def document() -> dict[str, Any]:
    """As it is served."""
    found: dict[str, Any] = Client().get("/api/schema/").json()
    return found


def described(kind: str) -> dict[str, Any]:
    post: dict[str, Any] = document()["webhooks"][NAMES[kind]]["post"]
    return post


def check(value: Any, schema: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator({**schema, "components": document()["components"]}).validate(value)


@pytest.mark.parametrize("kind", NAMES)
def test_the_example_is_as_the_schema_says(kind: str) -> None:
    content = described(kind)["requestBody"]["content"]["application/json"]
    check(content["examples"]["notification"]["value"], content["schema"])


@pytest.mark.django_db(transaction=True)
def test_real_notifications_are_as_described(
    merchant: Merchant, platform: Platform, quick: None, zoo: Zoo
) -> None:
    merchant.partner.notify_refunds = True
    merchant.partner.save()
    merchant.create(partnerOrderNo="p1", notifyUrl=zoo.answering(b"success") + "/n")
    pay(platform, Order.objects.get())
    refund(merchant)
    assert Refund.objects.get().state == Refund.State.SUCCEEDED
    assert drain().delivered == 2
    assert len(zoo.requests) == 2
    for notification in Notification.objects.all():
        # They are sent at the same time, and may arrive in any order.
        (request,) = [one for one in zoo.requests if notification.message_id.encode() in one]
        post = described(notification.kind)
        head, _, body = request.partition(b"\r\n\r\n")
        content = post["requestBody"]["content"]["application/json"]
        check(json.loads(body), content["schema"])
        example = content["examples"]["notification"]["value"]["response"]
        assert shape(json.loads(body)["response"]) == shape(example)
        sent = {line.partition(b":")[0].decode().lower() for line in head.split(b"\r\n")[1:]}
        assert {one["name"] for one in post["parameters"]} <= sent


def shape(value: Any) -> Any:
    """Names and types, in their order."""
    return [(name, shape(one)) for name, one in value.items()] if isinstance(value, dict) else type(value)


def test_the_answer_is_the_one_that_acknowledges() -> None:
    for kind in NAMES:
        assert described(kind)["responses"]["200"]["content"] == {
            "text/plain": {"schema": {"type": "string", "const": "success"}}
        }
