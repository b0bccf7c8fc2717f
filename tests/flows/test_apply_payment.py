"""Applying a payment: the right amount, in time, once."""

import pytest

from scanforpay_django.models import Flag, Notification, Order, PlatformNotification, Store
from tests.merchant import Merchant
from tests.platform import AlipayNotice, WeChatNotice, accepted, merchant, open_payment, refused

__all__ = ["merchant"]


@pytest.mark.parametrize(
    ("wallet", "notice", "changes"),
    [
        ("Wechat", WeChatNotice, {"amount": {"total": 1, "currency": "CNY"}}),
        ("Wechat", WeChatNotice, {"amount": {"total": 2100, "currency": "HKD"}}),
        ("Alipay", AlipayNotice, {"total_amount": "0.01"}),
    ],
)
def test_other_money_is_recorded_and_settles_nothing(
    merchant: Merchant, wallet: str, notice: type, changes: dict
) -> None:
    payment = open_payment(merchant, wallet, notifyUrl="https://shop.example/n")
    assert accepted(wallet, notice(payment, changes=changes).send())
    payment.refresh_from_db()
    assert (payment.state, payment.is_applied) == ("paid", False)
    assert payment.order.state == "pending"
    assert Flag.objects.get().kind == "amount_mismatch"
    assert not Notification.objects.exists()


@pytest.mark.parametrize(
    ("wallet", "notice", "changes"),
    [
        ("Wechat", WeChatNotice, {"amount": {"total": 2100.0, "currency": "CNY"}}),
        ("Wechat", WeChatNotice, {"amount": {"total": 2**70, "currency": "CNY"}}),
        ("Wechat", WeChatNotice, {"amount": {}}),
        ("Alipay", AlipayNotice, {"total_amount": "21.001"}),
        ("Alipay", AlipayNotice, {"total_amount": "2.1e1"}),
    ],
)
def test_paid_without_a_plain_amount_is_told_again(
    merchant: Merchant, wallet: str, notice: type, changes: dict
) -> None:
    payment = open_payment(merchant, wallet, notifyUrl="https://shop.example/n")
    assert refused(wallet, notice(payment, changes=changes).send())
    payment.refresh_from_db()
    assert (payment.state, payment.order.state) == ("open", "pending")
    # The whole message, later, finds everything as it was.
    assert accepted(wallet, notice(payment).send())
    assert Order.objects.get().state == "paid"
    assert PlatformNotification.objects.get().outcome == "applied"


def test_late_money_is_accepted_where_the_store_wants_it(merchant: Merchant) -> None:
    Store.objects.update(late_payment="accept")
    payment = open_payment(merchant, "Wechat", notifyUrl="https://shop.example/n")
    Order.objects.update(state="expired")
    assert accepted("Wechat", WeChatNotice(payment).send())
    assert Order.objects.get().state == "paid"
    assert Notification.objects.count() == 1


def test_money_that_comes_twice_is_surplus(merchant: Merchant) -> None:
    first = open_payment(merchant, "Wechat", partnerOrderNo="p1", notifyUrl="https://shop.example/n")
    second = open_payment(merchant, "Wechat", partnerOrderNo="p1", notifyUrl="https://shop.example/n")
    assert first.order_id == second.order_id
    assert accepted("Wechat", WeChatNotice(first).send())
    second.refresh_from_db()
    assert second.state == "closing"
    assert accepted("Wechat", WeChatNotice(second, event_id="EV-2").send())
    second.refresh_from_db()
    assert (second.state, second.is_unapplied, second.is_applied) == ("paid", True, False)
    assert Flag.objects.get().kind == "duplicate_payment"
    assert Notification.objects.count() == 1


@pytest.mark.parametrize("status", ["WAIT_BUYER_PAY", "", "SOMETHING_NEW"])
def test_what_is_no_success_changes_nothing(merchant: Merchant, status: str) -> None:
    payment = open_payment(merchant, "Alipay")
    assert accepted("Alipay", AlipayNotice(payment, changes={"trade_status": status}).send())
    assert Order.objects.get().state == "pending"


def test_a_trade_that_timed_out_closes_its_payment_only(merchant: Merchant) -> None:
    payment = open_payment(merchant, "Alipay")
    closed = {"trade_status": "TRADE_CLOSED", "gmt_payment": None}
    assert accepted("Alipay", AlipayNotice(payment, changes=closed).send())
    payment.refresh_from_db()
    assert (payment.state, payment.order.state) == ("closed", "pending")
