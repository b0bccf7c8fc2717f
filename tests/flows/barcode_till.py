"""A merchant's till that scans the codes of customers at the sandbox."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from scanforpay_django import clock
from scanforpay_django.flows.poll_platforms import poll_platforms
from scanforpay_django.models import Order, Payment
from scanforpay_django.sandbox.testing import Sandbox
from tests.merchant import STORE_NO, Merchant, seed_merchant

# The last digit says what the sandbox's customer does.
PAYS, HESITATES, REFUSED = "5", "1", "0"

CODES = {"Wechat": "13456789012345678", "Alipay": "281234567890123"}


@dataclass(frozen=True)
class Till:
    """A shop's till and the platforms."""

    wallet: str
    merchant: Merchant
    sandbox: Sandbox

    def scan(self, customer: str = PAYS, **changes: Any) -> dict[str, Any]:
        """offline/pay with a code whose customer pays, hesitates or is refused."""
        body = {
            "storeNo": STORE_NO,
            "partnerOrderNo": f"b{uuid.uuid4().hex[:20]}",
            "barcode": CODES[self.wallet] + customer,
            "orderAmount": 2100,
            "orderTitle": "一杯乌龙茶",
            "notifyUrl": "https://shop.example.com/notify",
            **changes,
        }
        return self.merchant.call("/api/offline/pay", body)

    def query(self, number: str) -> dict[str, Any]:
        """payQuery, as if the platform had not been asked for a while."""
        Payment.objects.update(queried_at=None)
        return self.merchant.query(partnerOrderNo=number)

    def wait(self) -> None:
        """Past the customer's time; the sweep works."""
        past = clock.now() - timedelta(seconds=1)
        Order.objects.update(expires_at=past)
        Payment.objects.update(expires_at=past, next_query_at=past, queried_at=None)
        poll_platforms()


@pytest.fixture(params=["Wechat", "Alipay"])
def till(request: pytest.FixtureRequest, scanforpay_sandbox: Sandbox) -> Till:
    """A store that may scan codes of one wallet."""
    merchant = seed_merchant()
    merchant.store.wallet_accounts.update(is_active=False)
    if request.param == "Wechat":
        scanforpay_sandbox.wechat_account(merchant.store, grants="jsapi codepay")
    else:
        scanforpay_sandbox.alipay_account(merchant.store, grants="trade_create barcode")
    return Till(request.param, merchant, scanforpay_sandbox)
