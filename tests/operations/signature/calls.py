"""Signed calls with every mistake that integrators make."""

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest

from scanforpay_django import clock
from scanforpay_django.models import Partner, SignKey
from scanforpay_django.operations.signature import diagnose
from tests.merchant import SIGN_KEY, Merchant, header, order_body

OLD_KEY, OTHER_KEY, FUTURE_KEY = "an-older-key-of-10001", "the-key-of-10002", "not-yet-a-key"

URL = "https://shop.example/notify?a=1&b=2"


def sha(text: bytes, key: str) -> str:
    return hashlib.sha256(text + key.encode()).hexdigest()


def value(**changes: Any) -> dict[str, Any]:
    """A request's value, with a slash and Chinese in it."""
    return {"header": header(**changes), "body": order_body(notifyUrl=URL)}


def compact(what: Any) -> bytes:
    return json.dumps(what, separators=(",", ":"), ensure_ascii=False).encode()


def sent(raw: bytes, signature: object) -> bytes:
    return b'{"request":' + raw + b',"signature":' + json.dumps(signature).encode() + b"}"


@pytest.fixture
def keys(merchant: Merchant) -> Merchant:
    """The merchant's old and future keys, and another partner's."""
    now = clock.now()
    other = Partner.objects.create(partner_no="10002", name="Coffee house")
    for partner, name, secret, begins, ends in (
        (merchant.partner, "last year's", OLD_KEY, now - timedelta(days=400), now - timedelta(days=1)),
        (merchant.partner, "next year's", FUTURE_KEY, now + timedelta(days=1), None),
        (other, "1", OTHER_KEY, now, None),
    ):
        key = SignKey(partner=partner, name=name, valid_from=begins, valid_until=ends)
        key.set_secret(secret)
        key.save()
    return merchant


def mistakes(raw: bytes, signature: object) -> list[str]:
    """What is found, after it was checked that nothing gives the right signature away."""
    found = diagnose(sent(raw, signature))
    told = " ".join(str(one) for one in found.findings).lower()
    for secret in (SIGN_KEY, OLD_KEY, OTHER_KEY, FUTURE_KEY):
        right = sha(raw, secret)
        assert right not in told
        assert hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest() not in told
        assert secret not in told
    return [one.code for one in found.findings]


def php(raw: bytes) -> bytes:
    return raw.replace(b"/", b"\\/")
