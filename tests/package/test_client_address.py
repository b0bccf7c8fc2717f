"""The address of the caller, past the proxies that the project names."""

import json
from typing import Any

import pytest
from django.test import RequestFactory

from scanforpay_django.client_address import client_address, counted_address
from scanforpay_django.models import Partner
from tests.merchant import SIGN_KEY, Merchant, envelope, header

pytestmark = pytest.mark.django_db

QUERY = "/api/common/payQuery"


def ask(merchant: Merchant, key: str = SIGN_KEY, **extra: Any) -> Any:
    """payQuery for an order there is not; code 30 when it is let through."""
    return merchant.post(QUERY, envelope(header(), {"partnerOrderNo": "none"}, key), **extra)


def code(answer: Any) -> int:
    return int(json.loads(answer.content)["response"]["body"]["code"])


def test_a_header_opens_no_list(merchant: Merchant, settings: Any) -> None:
    Partner.objects.update(allowed_addresses="203.0.113.9")
    forged = {"HTTP_X_FORWARDED_FOR": "203.0.113.9", "REMOTE_ADDR": "198.51.100.1"}
    assert code(ask(merchant, **forged)) == 3
    settings.SCANFORPAY_TRUSTED_PROXIES = 1
    assert code(ask(merchant, **forged)) == 30


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ("::ffff:101.226.125.108", "101.226.125.108"),
        ("::ffff:101.226.125.108%eth0", "101.226.125.108"),
        ("fe80::1%eth0", "fe80::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("[fe80::1%25eth0]:443", "fe80::1"),
        ("[::ffff:101.226.125.108]:50000", "101.226.125.108"),
        ("101.226.125.108", "101.226.125.108"),
        ("nobody", ""),
    ],
)
def test_the_address_is_written_as_platforms_take_it(
    rf: RequestFactory, settings: Any, seen: str, expected: str
) -> None:
    assert client_address(rf.get("/", REMOTE_ADDR=seen)) == expected
    settings.SCANFORPAY_TRUSTED_PROXIES = 1
    forwarded = rf.get("/", REMOTE_ADDR="10.0.0.1", headers={"x-forwarded-for": f"192.0.2.1, {seen}"})
    assert client_address(forwarded) == expected


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ("101.226.125.108", "101.226.125.108"),
        ("::ffff:101.226.125.108", "101.226.125.108"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
    ],
)
def test_a_line_of_ipv6_is_one(rf: RequestFactory, seen: str, expected: str) -> None:
    assert counted_address(rf.get("/", REMOTE_ADDR=seen)) == expected
