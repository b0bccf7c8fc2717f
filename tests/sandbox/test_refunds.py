"""The limits of refunds."""

from scanforpay_django.sandbox import faults
from scanforpay_django.sandbox.models import Refund, Trade


def test_refunds_never_exceed_the_order(direct, paid):
    assert direct.refund(direct.refund_body(paid, 2000)).status_code == 200
    assert direct.refund(direct.refund_body(paid, 101)).json()["code"] == "INVALID_REQUEST"
    assert direct.refund(direct.refund_body(paid, 100)).status_code == 200


def test_an_order_is_refunded_fifty_times_at_most(direct, paid):
    trade = Trade.objects.get()
    for number in range(50):
        Refund.objects.create(trade=trade, number=f"r{number}", refund_id="5", amount=1, request={})
    assert direct.refund(direct.refund_body(paid, 1)).json()["code"] == "RULE_LIMIT"


def test_a_merchant_may_be_short_of_money(direct, paid):
    faults.arm("not-enough")
    body = direct.refund_body(paid)
    assert (direct.refund(body).status_code, direct.refund(body).status_code) == (403, 200)


def test_refunds_may_have_to_be_a_minute_apart(direct, paid):
    direct.refund(direct.refund_body(paid, 1))
    faults.arm("refund-too-soon")
    body = direct.refund_body(paid, 1)
    assert direct.refund(body).json()["code"] == "FREQUENCY_LIMITED"
    assert direct.refund(body).status_code == 200
