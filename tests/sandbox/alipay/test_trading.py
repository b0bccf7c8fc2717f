"""QR codes and barcodes of Alipay."""

import pytest

from scanforpay_django.sandbox.models import Trade


def number(body):
    return {"out_trade_no": body["out_trade_no"]}


def test_a_qr_code_makes_a_trade_when_it_is_scanned(client, full_alipay, pay, confirm):
    body = full_alipay.trade()
    code = full_alipay.say("precreate", body)["qr_code"]
    assert code.startswith("http://localhost:8000/sandbox/alipay/qr/")
    assert full_alipay.say("precreate", body)["qr_code"] == code
    assert full_alipay.say("query", number(body))["sub_code"] == "ACQ.TRADE_NOT_EXIST"
    assert full_alipay.say("close", number(body))["sub_code"] == "ACQ.TRADE_NOT_EXIST"
    assert pay("scan", {"code": code}, "look")["display"] == "¥21.00"
    assert full_alipay.say("query", number(body))["trade_status"] == "WAIT_BUYER_PAY"
    assert confirm(client.get(code))["result"] == "ok"
    assert full_alipay.say("query", number(body))["trade_status"] == "TRADE_SUCCESS"


def test_a_cancelled_qr_code_is_dead(client, full_alipay, pay):
    body = full_alipay.trade()
    code = full_alipay.say("precreate", body)["qr_code"]
    assert full_alipay.say("cancel", number(body))["action"] == "close"
    assert pay("scan", {"code": code})["result"] == "fail"
    assert client.get("/sandbox/alipay/qr/unknown").status_code == 400


def barcode(full_alipay, code, **changed):
    return full_alipay.trade(scene="bar_code", auth_code=code, time_expire=None, **changed)


def test_a_barcode_pays_at_once(full_alipay):
    body = barcode(full_alipay, "2812345678901234")
    told = full_alipay.say("pay", body)
    assert (told["code"], told["total_amount"]) == ("10000", "21.00")
    assert told["gmt_payment"]
    assert full_alipay.say("pay", body)["trade_no"] == told["trade_no"]
    other = body | {"auth_code": "2812345678901235"}
    assert full_alipay.say("pay", other)["sub_code"] == "ACQ.TRADE_HAS_SUCCESS"


def test_a_barcode_may_wait_for_the_customer(client, full_alipay, confirm):
    body = barcode(full_alipay, "2812345678901231")
    assert full_alipay.say("pay", body)["code"] == "10003"
    assert full_alipay.say("query", number(body))["trade_status"] == "WAIT_BUYER_PAY"
    assert confirm(client.get(f"/sandbox/trade/{Trade.objects.get().pk}"))["result"] == "ok"
    assert full_alipay.say("query", number(body))["trade_status"] == "TRADE_SUCCESS"


def test_a_barcode_may_be_worth_nothing(full_alipay):
    body = barcode(full_alipay, "2812345678901230")
    assert full_alipay.say("pay", body)["sub_code"] == "ACQ.PAYMENT_AUTH_CODE_INVALID"
    assert full_alipay.say("query", number(body))["trade_status"] == "TRADE_CLOSED"


@pytest.mark.parametrize("code", ["134567890123456789", "281234", "28123456789012345678901234", "x"])
def test_a_barcode_has_its_form(full_alipay, code):
    assert full_alipay.say("pay", barcode(full_alipay, code))["sub_code"] == "ACQ.INVALID_PARAMETER"


def test_cancel_takes_a_paid_trade_back(full_alipay):
    body = barcode(full_alipay, "2812345678901234")
    full_alipay.say("pay", body)
    assert full_alipay.say("close", number(body))["sub_code"] == "ACQ.TRADE_STATUS_ERROR"
    assert full_alipay.say("cancel", number(body))["action"] == "refund"
    assert full_alipay.say("query", number(body))["trade_status"] == "TRADE_CLOSED"
    assert full_alipay.say("cancel", {"out_trade_no": "unknown"})["sub_code"] == "ACQ.TRADE_NOT_EXIST"


def test_of_two_numbers_the_platforms_own_counts(full_alipay):
    first, second = full_alipay.trade(buyer_id=full_alipay.user_id()), full_alipay.trade()
    trade_no = full_alipay.say("create", first)["trade_no"]
    full_alipay.say("pay", {**second, "auth_code": "281234567890123456"})
    told = full_alipay.say("query", {"out_trade_no": second["out_trade_no"], "trade_no": trade_no})
    assert told["out_trade_no"] == first["out_trade_no"]
