"""Barcode payments of API v3."""

import pytest

from scanforpay_django.sandbox.models import Trade


def test_a_barcode_pays_at_once(direct):
    body = direct.barcode_body("134567890123456789")
    answer = direct.post("codepay", body)
    direct.verify_answer(answer)
    told = answer.json()
    assert (told["trade_state"], told["trade_type"], told["amount"]["total"]) == ("SUCCESS", "MICROPAY", 2100)
    assert direct.post("codepay", body).json() == told
    assert Trade.objects.count() == 1


def test_a_barcode_may_wait_for_the_customer(client, direct, confirm):
    body = direct.barcode_body("134567890123456781")
    answer = direct.post("codepay", body)
    assert (answer.status_code, answer.json()) == (202, {"trade_state": "USERPAYING"})
    direct.verify_answer(answer)
    number = body["out_trade_no"]
    assert direct.ask(number).json()["trade_state"] == "USERPAYING"
    assert direct.reverse(number).json()["code"] == "USERPAYING"
    assert confirm(client.get(f"/sandbox/trade/{Trade.objects.get().pk}"))["result"] == "ok"
    assert direct.post("codepay", body).json()["trade_state"] == "SUCCESS"


def test_a_customer_may_refuse_the_barcode_payment(client, direct, confirm):
    body = direct.barcode_body("134567890123456781")
    direct.post("codepay", body)
    page = client.get(f"/sandbox/trade/{Trade.objects.get().pk}")
    assert confirm(page, "cancel")["result"] == "cancel"
    assert direct.ask(body["out_trade_no"]).json()["trade_state"] == "PAYERROR"


def test_a_barcode_may_be_worth_nothing(direct):
    body = direct.barcode_body("134567890123456780")
    for _ in range(2):
        assert direct.post("codepay", body).json()["code"] == "AUTH_CODE_INVALID"
    assert direct.ask(body["out_trade_no"]).json()["trade_state"] == "PAYERROR"


@pytest.mark.parametrize("code", ["12345", "164567890123456789", "1345678901234567890", "abc"])
def test_a_barcode_is_eighteen_digits(direct, code):
    assert direct.post("codepay", direct.barcode_body(code)).json()["code"] == "PARAM_ERROR"


@pytest.mark.parametrize("change", [{"time_expire": "2099-01-01T00:00:00+08:00"}, {"scene_info": {}},
                                    {"notify_url": "https://shop.example/n"}])  # fmt: skip
def test_a_barcode_payment_has_its_own_fields(direct, change):
    body = direct.barcode_body("134567890123456789") | change
    assert direct.post("codepay", body).json()["code"] == "PARAM_ERROR"


@pytest.mark.parametrize("code", ["134567890123456789", "134567890123456780"])
def test_a_barcode_payment_is_taken_back(direct, code):
    body = direct.barcode_body(code)
    direct.post("codepay", body)
    answer = direct.reverse(body["out_trade_no"])
    direct.verify_answer(answer)
    numbers = {**direct.parties(), "out_trade_no": body["out_trade_no"]}
    assert (answer.status_code, answer.json()) == (200, numbers)
    assert direct.ask(body["out_trade_no"]).json()["trade_state"] == "REVOKED"


def test_only_barcode_payments_are_taken_back(direct):
    body = direct.body()
    direct.post("native", body)
    assert direct.reverse(body["out_trade_no"]).json()["code"] == "INVALID_REQUEST"
    assert direct.reverse("nothing00000").status_code == 404


def test_a_barcode_payment_is_not_closed(direct):
    body = direct.barcode_body("134567890123456781")
    direct.post("codepay", body)
    assert direct.shut(body["out_trade_no"]).json()["code"] == "INVALID_REQUEST"
