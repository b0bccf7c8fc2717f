"""Alipay's notifications: forged ones, and what a closed trade means."""

import pytest

from scanforpay_django.models import Order, PlatformNotification
from tests.merchant import Merchant
from tests.platform import AlipayNotice, accepted, merchant, open_payment, refused

__all__ = ["merchant"]

FORGED_ALIPAY = [
    {"signer": "stranger"},
    {"after": {"total_amount": "0.01"}},
    {"after": {"sign": "AbC"}},
    {"after": {"sign": ""}},
    {"after": {"extra": "x"}},
    {"changes": {"app_id": "2021000000000002"}},
    {"changes": {"seller_id": "2088000000000002"}},
    {"changes": {"seller_id": None}},
    {"changes": {"notify_id": ""}},
]


@pytest.mark.parametrize("fault", FORGED_ALIPAY, ids=str)
def test_alipay_forgeries_are_refused_and_not_kept(merchant: Merchant, fault: dict) -> None:
    payment = open_payment(merchant, "Alipay")
    assert refused("Alipay", AlipayNotice(payment, **fault).send())
    assert Order.objects.get().state == "pending"
    assert not PlatformNotification.objects.exists()


def test_a_full_refund_message_is_no_unpaid_closing(merchant: Merchant) -> None:
    payment = open_payment(merchant, "Alipay")
    assert accepted("Alipay", AlipayNotice(payment).send())
    refunded = {"trade_status": "TRADE_CLOSED", "notify_id": "ali-2", "refund_fee": "21.00"}
    assert accepted("Alipay", AlipayNotice(payment, changes=refunded).send())
    payment.refresh_from_db()
    assert (payment.state, payment.is_applied) == ("paid", True)
    assert Order.objects.get().state == "refunded"
