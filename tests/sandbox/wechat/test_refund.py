"""Refunds of API v3, and their notifications."""

import json

import pytest

from scanforpay_django.sandbox import faults, notify
from scanforpay_django.sandbox.models import Refund, Trade
from tests.sandbox.families import check_headers


@pytest.fixture
def paid(direct):
    """The number of a paid order."""
    body = direct.barcode_body("134567890123456789")
    assert direct.post("codepay", body).json()["trade_state"] == "SUCCESS"
    return body["out_trade_no"]


def test_a_refund_is_accepted_and_then_done(direct, paid):
    body = direct.refund_body(paid, 100, reason="太甜")
    answer = direct.refund(body)
    direct.verify_answer(answer)
    told = answer.json()
    assert (told["status"], told["amount"]["refund"], told["out_trade_no"]) == ("PROCESSING", 100, paid)
    assert "success_time" not in told
    asked = direct.ask_refund(body["out_refund_no"]).json()
    assert asked["status"] == "SUCCESS"
    assert asked["success_time"].endswith("+08:00")
    assert asked["refund_id"] == told["refund_id"]
    assert direct.ask(paid).json()["trade_state"] == "REFUND"


def test_the_same_number_again_is_the_same_refund(direct, paid):
    body = direct.refund_body(paid, 100)
    direct.refund(body)
    assert direct.refund(body).json()["status"] == "SUCCESS"
    assert Refund.objects.count() == 1
    changed = body | {"reason": "other"}
    assert direct.refund(changed).json()["code"] == "INVALID_REQUEST"


def test_refunds_never_exceed_the_order(direct, paid):
    assert direct.refund(direct.refund_body(paid, 2000)).status_code == 200
    assert direct.refund(direct.refund_body(paid, 101)).json()["code"] == "INVALID_REQUEST"
    assert direct.refund(direct.refund_body(paid, 100)).status_code == 200


def test_an_order_is_refunded_fifty_times_at_most(direct, paid):
    trade = Trade.objects.get()
    for number in range(50):
        Refund.objects.create(trade=trade, number=f"r{number}", refund_id="5", amount=1, request={})
    assert direct.refund(direct.refund_body(paid, 1)).json()["code"] == "RULE_LIMIT"


@pytest.mark.parametrize(("change", "code"), [
    ({"amount": {"refund": 1, "total": 2101, "currency": "CNY"}}, "INVALID_REQUEST"),
    ({"amount": {"refund": 1, "total": 2100, "currency": "HKD"}}, "INVALID_REQUEST"),
    ({"amount": {"refund": 0, "total": 2100, "currency": "CNY"}}, "PARAM_ERROR"),
    ({"amount": {"refund": 1, "total": 2100}}, "PARAM_ERROR"),
    ({"out_refund_no": "a b"}, "PARAM_ERROR"),
    ({"out_trade_no": "unknown00000"}, "RESOURCE_NOT_EXISTS"),
    ({"sub_mchid": "1600000000"}, "PARAM_ERROR"),
    ({"reason": "汉" * 27}, "PARAM_ERROR"),
    ({"notify_url": "https://shop.example/n?a=1"}, "PARAM_ERROR"),
])  # fmt: skip
def test_a_wrong_refund_is_refused(direct, paid, change, code):
    assert direct.refund(direct.refund_body(paid) | change).json()["code"] == code


def test_an_unpaid_order_is_not_refunded(direct):
    body = direct.body()
    direct.post("native", body)
    assert direct.refund(direct.refund_body(body["out_trade_no"])).json()["code"] == "RESOURCE_NOT_EXISTS"


def test_a_refund_may_name_the_transaction(direct, paid):
    body = direct.refund_body(paid)
    body["transaction_id"] = Trade.objects.get().trade_no
    del body["out_trade_no"]
    assert direct.refund(body).status_code == 200


def test_an_unknown_refund_is_404(direct, paid):
    answer = direct.ask_refund("nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "RESOURCE_NOT_EXISTS")


@pytest.mark.parametrize(("fault", "status"), [
    ("refund-pending", "PROCESSING"), ("refund-abnormal", "ABNORMAL"), ("refund-failed", "CLOSED"),
])  # fmt: skip
def test_a_refund_may_end_badly(direct, paid, fault, status):
    faults.arm(fault)
    body = direct.refund_body(paid)
    assert direct.refund(body).json()["status"] == "PROCESSING"
    assert direct.ask_refund(body["out_refund_no"]).json()["status"] == status
    again = direct.refund(direct.refund_body(paid))
    assert again.status_code == (200 if fault == "refund-failed" else 400)


def test_a_hanging_refund_is_ended_on_the_page(client, direct, paid):
    faults.arm("refund-pending")
    body = direct.refund_body(paid)
    direct.refund(body)
    refund = Refund.objects.get()
    assert f"/sandbox/refunds/{refund.pk}/finish" in client.get("/sandbox/").content.decode()
    assert client.post(f"/sandbox/refunds/{refund.pk}/finish", {"state": "SUCCESS"}).status_code == 302
    assert direct.ask_refund(body["out_refund_no"]).json()["status"] == "SUCCESS"
    assert client.post(f"/sandbox/refunds/{refund.pk}/finish", {"state": "x"}).status_code == 400


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


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("quick_repeats")
@pytest.mark.parametrize(("fault", "kind"), [
    ("", "SUCCESS"), ("refund-abnormal", "ABNORMAL"), ("refund-failed", "CLOSED"),
])  # fmt: skip
def test_a_refund_is_notified_to_its_own_address(direct, paid, listener, fault, kind):
    if fault:
        faults.arm(fault)
    body = direct.refund_body(paid, 100, notify_url=listener.url)
    direct.refund(body)
    assert listener.wait_for(1)
    assert notify.wait_until_idle(10)
    [(headers, raw)] = listener.received
    check_headers(direct.config["public_key"], headers, raw)
    event = json.loads(raw)
    assert (event["event_type"], event["resource"]["original_type"]) == (f"REFUND.{kind}", "refund")
    told = direct.open_notification(event["resource"])
    assert (told["refund_status"], told["out_refund_no"]) == (kind, body["out_refund_no"])
    assert told["mchid"] == direct.config["mchid"]
    assert "status" not in told
    assert told["amount"] == {"total": 2100, "refund": 100, "payer_total": 2100, "payer_refund": 100}
