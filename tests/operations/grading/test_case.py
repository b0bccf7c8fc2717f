"""What the cases are made of."""

import json

import pytest

from scanforpay_django import signing
from scanforpay_django.operations.grading.case import Material
from scanforpay_django.operations.grading.subject import find_material
from tests.merchant import PARTNER_NO, SIGN_KEY, Merchant
from tests.paid_order import order, quick
from tests.scripted import platform

__all__ = ["order", "platform", "quick"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def material(merchant: Merchant) -> Material:
    merchant.create(partnerOrderNo="p1")
    return find_material(PARTNER_NO, "p1")


def test_the_true_message_is_as_the_worker_sends_it(order, merchant: Merchant) -> None:
    material = find_material(PARTNER_NO, "p1")
    real = json.loads(order.notifications.get().content)
    message = signing.read_message(material.true_message().body, "response")
    assert signing.verify(message.raw, message.signature, SIGN_KEY)
    assert list(message.value["body"]) == list(real["body"])
    same = {name: value for name, value in real["body"].items() if name not in {"buyer", "buyerId"}}
    assert same.items() <= message.value["body"].items()
    assert list(message.value["header"]) == list(real["header"])


def test_what_is_sent_again_has_the_same_bytes(material: Material) -> None:
    assert material.true_message() == material.true_message()


def test_a_forger_has_another_key(material: Material) -> None:
    forged = material.forge(b"{}")
    own = signing.notification_headers(material.message_id, material.sent_at, b"{}", SIGN_KEY)
    assert forged.headers["Webhook-Signature"] != own["Webhook-Signature"]


def test_no_key_is_shown(material: Material) -> None:
    shown = f"{material!r} {material.true_message()!r}"
    assert SIGN_KEY not in shown
    assert material.strange_key not in shown
