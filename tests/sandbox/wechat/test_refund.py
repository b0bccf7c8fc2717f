"""Refunds of API v3."""

import pytest

from scanforpay_django.sandbox import faults
from scanforpay_django.sandbox.models import Refund, Trade


def test_the_same_number_again_is_the_same_refund(direct, paid):
    body = direct.refund_body(paid, 100)
    direct.refund(body)
    assert direct.refund(body).json()["status"] == "SUCCESS"
    assert Refund.objects.count() == 1
    changed = body | {"reason": "other"}
    assert direct.refund(changed).json()["code"] == "INVALID_REQUEST"


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
