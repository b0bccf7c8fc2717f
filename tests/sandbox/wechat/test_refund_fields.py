"""A refund as WeChat Pay describes it."""

import json

import pytest

from scanforpay_django.sandbox import faults, notify
from tests.sandbox.families import check_headers


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
