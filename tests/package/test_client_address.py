"""The address of the caller, past the proxies that the project names."""

import json
from typing import Any

import pytest

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
