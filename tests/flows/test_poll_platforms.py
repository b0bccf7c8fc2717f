"""Polling the platforms."""

from datetime import timedelta

import pytest
from django.utils import timezone

from scanforpay_django.flows.apply_payment import apply_payment
from scanforpay_django.flows.poll_platforms import poll_platforms
from scanforpay_django.models import Payment
from scanforpay_django.models.cause import PLATFORM_QUERY
from scanforpay_django.wallets.base import PaymentResult, TradeState
from tests.merchant import Merchant
from tests.platform import open_payment
from tests.scripted import Platform, platform

__all__ = ["platform"]
pytestmark = pytest.mark.django_db(transaction=True)


def paid(number: str, **more: object) -> PaymentResult:
    made = {"amount": 2100, "currency": "CNY", "trade_no": f"t{number}", **more}
    return PaymentResult(out_trade_no=number, state=TradeState.PAID, **made)


@pytest.mark.parametrize("lie", ["number", "trade_no", "amount"])
def test_a_lie_about_one_payment_does_not_stop_the_sweep(
    merchant: Merchant, platform: Platform, lie: str
) -> None:
    bad, good, other = (open_payment(merchant, "Wechat") for _ in range(3))
    apply_payment(other, paid(other.out_trade_no, trade_no="same"), PLATFORM_QUERY)
    Payment.objects.filter(pk=bad.pk).update(next_query_at=timezone.now() - timedelta(hours=1))
    Payment.objects.filter(pk=good.pk).update(next_query_at=timezone.now() - timedelta(minutes=1))
    lies = {
        "number": paid(good.out_trade_no),
        "trade_no": paid(bad.out_trade_no, trade_no="same"),
        "amount": paid(bad.out_trade_no, amount=2**63),
    }
    platform.script["query"] = lambda number: lies[lie] if number == bad.out_trade_no else paid(number)
    poll_platforms()
    good.order.refresh_from_db()
    bad.order.refresh_from_db()
    assert (good.order.state, bad.order.state) == ("paid", "pending")
