"""Polling the platforms."""

from datetime import timedelta

import pytest

from scanforpay_django import clock
from scanforpay_django.flows.apply_payment import apply_payment
from scanforpay_django.flows.poll_platforms import poll_platforms
from scanforpay_django.models import Order, Partner, Payment, Store
from scanforpay_django.models.cause import PLATFORM_QUERY
from scanforpay_django.wallets.base import PaymentResult, TradeState
from tests.merchant import Merchant, add_account
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
    Payment.objects.filter(pk=bad.pk).update(next_query_at=clock.now() - timedelta(hours=1))
    Payment.objects.filter(pk=good.pk).update(next_query_at=clock.now() - timedelta(minutes=1))
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


def test_hundreds_of_abandoned_attempts_hold_up_nobody_elses_payment(
    merchant: Merchant, platform: Platform
) -> None:
    """Partners take turns: the other partner's missed payment is asked about second, not after three hundred."""
    first = open_payment(merchant, "Wechat")
    past = clock.now() - timedelta(hours=1)
    Payment.objects.update(next_query_at=past)
    others = Partner.objects.create(partner_no="10002", name="Coffee house")
    store = Store.objects.create(partner=others, store_no="2", name="Coffee")
    add_account(store, "Wechat", {}, {})
    for number in range(300):
        order = Order.objects.create(
            partner=others, store=store, partner_order_no=f"c{number}", wallet="Wechat", amount=2100,
            currency="CNY", expires_at=first.expires_at,
        )  # fmt: skip
        Payment.objects.create(
            order=order, account=store.wallet_accounts.get(), wallet="Wechat", product="page", state="open",
            amount=2100, currency="CNY", expires_at=order.expires_at, next_query_at=past - timedelta(minutes=1),
        )  # fmt: skip
    asked: list[str] = []

    def note(number: str) -> PaymentResult:
        asked.append(number)
        return PaymentResult(out_trade_no=number, state=TradeState.UNPAID)

    platform.script["query"] = note
    poll_platforms(limit=2)
    assert len(asked) == 2
    assert first.out_trade_no in asked
