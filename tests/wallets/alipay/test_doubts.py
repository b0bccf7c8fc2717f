"""Which signed notifications are not believed by themselves."""

import pytest

from scanforpay_django.models import Flag, Order, PlatformNotification
from scanforpay_django.wallets.alipay.doubts import find_doubts
from tests.merchant import Merchant
from tests.platform import AlipayNotice, accepted, merchant, open_payment, refused

__all__ = ["merchant"]

KNOWN = {"trade_status_sync": frozenset({"notify_type", "body", "total_amount"})}


@pytest.mark.parametrize(
    ("fields", "doubts"),
    [
        ({"body": "two cups & more, 100%"}, ""),
        ({"body": "a=b"}, ""),
        ({"body": "x&total_amount=1"}, "body"),
        ({"body": "x&="}, "body"),
        ({"tomorrow": "1"}, "tomorrow"),
        ({"tomorrow": "1", "body": "&a=1"}, "body tomorrow"),
        ({"notify_type": "servicemarket_order_notify"}, "notify_type"),
        ({"notify_type": ""}, ""),
        ({"notify_type": "", "tomorrow": "1"}, "tomorrow"),
    ],
)
def test_unknown_fields_and_joined_values_are_doubtful(fields: dict, doubts: str) -> None:
    params = {"notify_type": "trade_status_sync", "body": "", "total_amount": "0.01"} | fields
    assert find_doubts(params, KNOWN) == doubts


@pytest.mark.parametrize("odd", [{"tomorrows_field": "1"}, {"body": "x&total_amount=21.00"}])
def test_a_doubtful_message_is_not_applied_where_the_platform_cannot_be_asked(
    merchant: Merchant, odd: dict
) -> None:
    merchant.store.wallet_accounts.update(environment="local_sandbox")
    payment = open_payment(merchant, "Alipay")
    assert refused("Alipay", AlipayNotice(payment, changes=odd).send())
    assert Order.objects.get().state == "pending"
    assert not PlatformNotification.objects.exists()


def test_a_message_without_doubts_asks_nobody(merchant: Merchant) -> None:
    merchant.store.wallet_accounts.update(environment="local_sandbox")
    payment = open_payment(merchant, "Alipay")
    assert accepted("Alipay", AlipayNotice(payment).send())
    assert not Flag.objects.exists()
