"""A merchant's server that takes every message; customers and platforms do not wait longer than they must."""

from collections.abc import Iterator

import pytest

from scanforpay_django.sandbox import customer, notify, payments
from tests.invariants.shop import Shop, open_shop


@pytest.fixture
def quick_shop(settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """Gives the shop; refund calls are not held, and no caller is too many."""
    monkeypatch.setattr(notify, "RETRY_DELAYS_SECONDS", (0.1,) * 6)
    monkeypatch.setattr(payments, "REFUND_NOTICE_SECONDS", 0.05)
    monkeypatch.setattr(customer, "POLL_SECONDS", 0.05)
    settings.SCANFORPAY_REFUND_HOLD_SECONDS = 0
    settings.SCANFORPAY_UNPROVEN_CALLS_PER_MINUTE = 0
    with open_shop() as shop:
        settings.SCANFORPAY_OUTBOUND_ALLOW = [*getattr(settings, "SCANFORPAY_OUTBOUND_ALLOW", []), shop.url]
        yield shop
