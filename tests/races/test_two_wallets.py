"""An order that any wallet may pay, opened and paid with two wallets at once."""

from itertools import product

import pytest
from django.test import Client

from scanforpay_django.exceptions import ScanForPayError
from scanforpay_django.flows.poll_platforms import poll_platforms
from scanforpay_django.models import Flag, Notification, Order, Payment, Refund
from tests.merchant import Merchant
from tests.races.test_races import together
from tests.scripted import Platform, platform, start, two_wallets

__all__ = ["platform", "two_wallets"]
pytestmark = [pytest.mark.row_locks, pytest.mark.django_db(transaction=True), pytest.mark.slow]

WALLETS = ("Wechat", "Alipay")
SLUGS = {"Wechat": "scripted", "Alipay": "scripted-second"}
ROUNDS = 20


def new_order(merchant: Merchant, **more: object) -> Order:
    made = merchant.create(wallet="Any", notifyUrl="https://shop.example/n", **more)
    return Order.objects.select_related("store", "partner").get(order_no=made["orderNo"])


def tell(payment: Payment) -> int:
    path = f"/api/platform/{SLUGS[payment.wallet]}/{payment.account.public_id}"
    body = f"paid {payment.out_trade_no}".encode()
    return Client().post(path, body, content_type="application/json").status_code


def sweep() -> None:
    past = "2020-01-01T00:00Z"
    Payment.objects.filter(state__in=Payment.UNFINISHED).update(next_query_at=past)
    Refund.objects.filter(finished_at=None).update(next_at=past)
    poll_platforms()


def test_two_wallets_that_both_pay_settle_once_and_give_back_once(
    merchant: Merchant, two_wallets: Platform
) -> None:
    for _ in range(ROUNDS):
        order = new_order(merchant)
        for name in WALLETS:
            start(order, f"payer-{name}", name)
        one, two = order.payments.order_by("pk")
        # The second closed the first; at platforms a customer may pay in the last moment all the same.
        two_wallets.trades[one.out_trade_no] = two_wallets.trades[two.out_trade_no] = "paid"
        assert together(lambda one=one: tell(one), lambda two=two: tell(two)) == [200, 200]
        for _again in range(3):
            sweep()
        order.refresh_from_db()
        applied = order.payments.get(is_applied=True)
        assert (order.state, order.wallet) == ("paid", applied.wallet)
        refund = Refund.objects.get(order=order)
        assert (refund.state, refund.kind, refund.amount) == ("succeeded", "duplicate", 2100)
        assert refund.payment == order.payments.get(is_applied=False)
        assert two_wallets.refunds[refund.out_refund_no] == 2100
        assert Notification.objects.filter(order=order).count() == 1
        assert Flag.objects.get(order=order).kind == "duplicate_payment"
        told = merchant.query(orderNo=order.order_no)
        assert (told["status"], told["wallet"]) == (1, applied.wallet)
    assert len(two_wallets.refunds) == ROUNDS


def test_two_pages_opened_at_once_leave_at_most_one_open(merchant: Merchant, two_wallets: Platform) -> None:
    two_wallets.slow_seconds = 0.01
    for round_no in range(ROUNDS):
        order = new_order(merchant)
        jobs = [
            lambda name=name, payer=payer, order=order: start(order, payer, name)
            for name, payer in product(WALLETS, ("a", "b"))
        ]
        for result in together(*jobs):
            assert not isinstance(result, Exception) or isinstance(result, ScanForPayError), result
        able = [number for number in order.payments.values_list("out_trade_no", flat=True)
                if two_wallets.trades.get(number) == "open"]  # fmt: skip
        assert len(able) <= 1, round_no
        # Whoever tries again gets to pay.
        start(order, "a", "Alipay")
        open_now = order.payments.get(state=Payment.State.OPEN)
        assert open_now.wallet == "Alipay"
        assert two_wallets.trades[open_now.out_trade_no] == "open"
        assert list(two_wallets.trades.values()).count("open") == round_no + 1


def test_paying_in_one_wallet_while_the_other_opens_ends_in_one_truth(
    merchant: Merchant, two_wallets: Platform
) -> None:
    for _ in range(ROUNDS):
        order = new_order(merchant)
        start(order, "a", "Wechat")
        first = order.payments.get()
        results = together(
            lambda order=order: start(order, "b", "Alipay"),
            lambda first=first: two_wallets.pay(first.out_trade_no) and tell(first),
        )
        for result in results:
            assert not isinstance(result, Exception) or isinstance(result, ScanForPayError), result
        sweep()
        order.refresh_from_db()
        is_paid = two_wallets.trades[first.out_trade_no] == "paid"
        assert (order.state, order.wallet) == (("paid", "Wechat") if is_paid else ("pending", "Any"))
