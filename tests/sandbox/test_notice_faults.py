"""Notifications that misbehave, as they arrive on a real socket."""

import json

import pytest

from scanforpay_django.sandbox import faults, notify
from scanforpay_django.sandbox.models import Notice

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick_repeats")]


def opened(direct, raw):
    return direct.open_notification(json.loads(raw)["resource"])


def test_notify_never(direct, pay_order, listener):
    faults.arm("notify-never")
    body = pay_order()
    assert notify.wait_until_idle(10)
    assert listener.received == []
    assert Notice.objects.get().last_status == "kept back: notify-never"
    assert direct.ask(body["out_trade_no"]).json()["trade_state"] == "SUCCESS"
    pay_order()
    assert listener.wait_for(1)


def test_notify_late(pay_order, listener):
    faults.arm("notify-late", seconds="0.5")
    pay_order()
    assert not listener.wait_for(1, 0.3)
    assert listener.wait_for(1)


def test_notify_twice(pay_order, listener):
    faults.arm("notify-twice")
    pay_order()
    assert notify.wait_until_idle(10)
    assert len(listener.received) == 2
    assert len({json.loads(raw)["id"] for _, raw in listener.received}) == 1


def test_notify_8x(pay_order, listener):
    faults.arm("notify-8x")
    pay_order()
    assert notify.wait_until_idle(10)
    assert len(listener.received) == 8
    assert len({raw for _, raw in listener.received}) == 1


def test_notify_out_of_order(direct, pay_order, listener):
    faults.arm("notify-out-of-order", seconds=10)
    body = pay_order()
    assert not listener.wait_for(1, 0.3)
    direct.refund(direct.refund_body(body["out_trade_no"], 100, notify_url=listener.url))
    assert notify.wait_until_idle(10)
    kinds = [json.loads(raw)["event_type"] for _, raw in listener.received]
    assert kinds == ["REFUND.SUCCESS", "TRANSACTION.SUCCESS"]
    assert opened(direct, listener.received[1][1])["trade_state"] == "SUCCESS"


def test_notify_out_of_order_alone_is_late(pay_order, listener):
    faults.arm("notify-out-of-order", seconds="0.2")
    pay_order()
    assert listener.wait_for(1)


def test_notify_before_answer(direct, listener):
    faults.arm("notify-before-answer")
    body = direct.body(notify_url=listener.url)
    assert "code_url" in direct.post("native", body).json()
    assert opened(direct, listener.received[0][1])["out_trade_no"] == body["out_trade_no"]


@pytest.mark.parametrize(("fault", "change"), [
    ("wrong-amount", {"total": 2101}), ("wrong-currency", {"currency": "HKD"}),
])  # fmt: skip
def test_another_sum_is_told_in_notice_and_query(direct, pay_order, listener, fault, change):
    faults.arm(fault)
    body = pay_order()
    assert listener.wait_for(1)
    for told in (opened(direct, listener.received[0][1]), direct.ask(body["out_trade_no"]).json()):
        assert {name: told["amount"][name] for name in change} == change


@pytest.mark.parametrize(("fault", "money"), [
    ("wrong-amount", {"total": 2101, "currency": "CNY"}), ("wrong-currency", {"total": 2100, "currency": "HKD"}),
])  # fmt: skip
def test_what_was_collected_can_be_given_back(direct, pay_order, fault, money):
    faults.arm(fault)
    body = pay_order()
    wanted = direct.refund_body(body["out_trade_no"])
    asked = direct.refund(wanted | {"amount": {**money, "refund": money["total"]}})
    assert asked.json()["amount"]["refund"] == money["total"]
    assert direct.ask(body["out_trade_no"]).json()["trade_state"] == "REFUND"


def test_what_was_asked_is_not_what_was_collected(direct, pay_order):
    faults.arm("wrong-amount")
    body = pay_order()
    assert direct.refund(direct.refund_body(body["out_trade_no"])).json()["code"] == "INVALID_REQUEST"


def test_another_merchant_is_told(direct, pay_order, listener):
    faults.arm("wrong-merchant")
    pay_order()
    assert listener.wait_for(1)
    assert opened(direct, listener.received[0][1])["mchid"] != direct.config["mchid"]
