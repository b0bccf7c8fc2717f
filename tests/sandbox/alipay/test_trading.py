"""Wap, QR code and barcode payments of Alipay, refunds, and the gateway's modes."""

import pytest
from django.test import Client

from scanforpay_django.sandbox import faults
from scanforpay_django.sandbox.merchants import issue_alipay_credentials
from scanforpay_django.sandbox.models import Refund, Trade
from tests.sandbox.families import FullAlipay, alipay_certificate_number, query_of, sheet_of
from tests.sandbox.merchant import verify


@pytest.fixture
def in_mode(client, db):
    return lambda **mode: FullAlipay(client, issue_alipay_credentials(**mode))


def number(body):
    return {"out_trade_no": body["out_trade_no"]}


def test_a_wap_trade_exists_once_its_page_was_opened_and_returns_signed(full_alipay, confirm):
    body = full_alipay.trade(product_code="QUICK_WAP_WAY", quit_url="https://shop.example/quit")
    params = full_alipay.wap_params(body)
    assert full_alipay.say("query", number(body))["sub_code"] == "ACQ.TRADE_NOT_EXIST"
    page = full_alipay.client.get("/sandbox/alipay/gateway.do", params)
    assert sheet_of(page)["cancel"] == "https://shop.example/quit"
    assert full_alipay.say("query", number(body))["trade_status"] == "WAIT_BUYER_PAY"
    told = confirm(page)
    assert told["next"].startswith("https://shop.example/back?a=1&")
    came = query_of(told["next"])
    del came["a"]
    assert "trade_status" not in came
    assert (came["total_amount"], came["method"]) == ("21.00", "alipay.trade.wap.pay.return")
    text = "&".join(f"{name}={came[name]}" for name in sorted(came) if name not in ("sign", "sign_type"))
    verify(full_alipay.platform_key, text.encode(), came["sign"])
    assert full_alipay.say("query", number(body))["trade_status"] == "TRADE_SUCCESS"


def test_a_wap_page_may_be_posted_to_and_opened_again(full_alipay):
    params = full_alipay.wap_params(full_alipay.trade(product_code="QUICK_WAP_WAY"))
    assert full_alipay.status(params) == 200
    assert full_alipay.client.get("/sandbox/alipay/gateway.do", params).status_code == 200
    assert Trade.objects.count() == 1


def test_a_wap_page_may_be_left(full_alipay, confirm):
    page = full_alipay.open_wap(full_alipay.trade())
    assert confirm(page, "cancel")["result"] == "cancel"
    assert confirm(page, by=Client())["result"] == "ok"


@pytest.mark.parametrize("change", [{"product_code": "QUICK_WAP_PAY"}, {"buyer_id": "2088000000000000"},
                                    {"quit_url": "javascript:alert(1)"}, {"subject": "a/b"}])  # fmt: skip
def test_a_wrong_wap_page_is_refused_in_words(full_alipay, change):
    page = full_alipay.open_wap(full_alipay.trade(**change))
    assert (page.status_code, "ACQ.INVALID_PARAMETER" in page.content.decode()) == (400, True)


def test_a_wap_page_with_a_wrong_signature_is_refused(full_alipay):
    params = full_alipay.wap_params(full_alipay.trade()) | {"return_url": "https://evil.example/"}
    page = full_alipay.client.get("/sandbox/alipay/gateway.do", params)
    assert (page.status_code, "isv.invalid-signature" in page.content.decode()) == (400, True)
    assert not Trade.objects.exists()


def test_only_pages_are_fetched_with_get(full_alipay):
    params = full_alipay.params("alipay.trade.query", {"out_trade_no": "x"})
    answer = full_alipay.client.get("/sandbox/alipay/gateway.do", params)
    assert b"isv.invalid-method" in answer.content


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


@pytest.fixture
def paid(full_alipay):
    body = barcode(full_alipay, "2812345678901234")
    full_alipay.say("pay", body)
    return body["out_trade_no"]


def refund(full_alipay, out_trade_no, amount, request_no, **more):
    body = {"out_trade_no": out_trade_no, "refund_amount": amount, "out_request_no": request_no} | more
    return full_alipay.say("refund", {name: value for name, value in body.items() if value is not None})


def ask_refund(full_alipay, out_trade_no, request_no, **more):
    body = {"out_trade_no": out_trade_no, "out_request_no": request_no} | more
    return full_alipay.say("fastpay.refund.query", body)


def test_refund_fee_is_all_that_has_gone_back(full_alipay, paid):
    told = [refund(full_alipay, paid, "1.00", no) for no in ("R1", "R1", "R2")]
    assert [one["fund_change"] for one in told] == ["Y", "N", "Y"]
    assert [one["refund_fee"] for one in told] == ["1.00", "1.00", "2.00"]
    assert refund(full_alipay, paid, "19.01", "R3")["sub_code"] == "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"
    assert full_alipay.say("query", {"out_trade_no": paid})["trade_status"] == "TRADE_SUCCESS"
    assert refund(full_alipay, paid, "19.00", "R3")["refund_fee"] == "21.00"
    assert full_alipay.say("query", {"out_trade_no": paid})["trade_status"] == "TRADE_CLOSED"
    assert Refund.objects.count() == 3


def test_a_refund_is_asked_for_by_its_number(full_alipay, paid):
    refund(full_alipay, paid, "1.00", "R1")
    told = ask_refund(full_alipay, paid, "R1", query_options=["gmt_refund_pay"])
    assert (told["refund_status"], told["refund_amount"]) == ("REFUND_SUCCESS", "1.00")
    assert told["gmt_refund_pay"]
    unknown = ask_refund(full_alipay, paid, "R2")
    assert (unknown["code"], "refund_status" in unknown) == ("10000", False)


def test_a_full_refund_needs_no_number_and_gets_the_trades(full_alipay, paid):
    assert refund(full_alipay, paid, "1.00", None)["sub_code"] == "ACQ.INVALID_PARAMETER"
    assert refund(full_alipay, paid, "21.00", None)["fund_change"] == "Y"
    assert ask_refund(full_alipay, paid, paid)["refund_status"] == "REFUND_SUCCESS"


def test_the_same_refund_number_has_one_amount(full_alipay, paid):
    refund(full_alipay, paid, "1.00", "R1")
    told = refund(full_alipay, paid, "2.00", "R1")
    assert told["sub_code"] == "ACQ.REASON_TRADE_REFUND_FEE_ERR"


@pytest.mark.parametrize(("fault", "sub_code"), [
    ("not-enough", "ACQ.SELLER_BALANCE_NOT_ENOUGH"), ("refund-failed", "ACQ.TRADE_NOT_ALLOW_REFUND"),
])  # fmt: skip
def test_a_refund_may_be_refused(full_alipay, paid, fault, sub_code):
    faults.arm(fault)
    assert refund(full_alipay, paid, "1.00", "R1")["sub_code"] == sub_code
    assert "refund_status" not in ask_refund(full_alipay, paid, "R1")
    assert refund(full_alipay, paid, "1.00", "R1")["fund_change"] == "Y"


def test_a_refund_may_hang(client, full_alipay, paid):
    faults.arm("refund-pending")
    told = refund(full_alipay, paid, "1.00", "R1")
    assert (told["code"], told["fund_change"], told["refund_fee"]) == ("10000", "N", "0.00")
    assert "refund_status" not in ask_refund(full_alipay, paid, "R1")
    client.post(f"/sandbox/refunds/{Refund.objects.get().pk}/finish", {"state": "SUCCESS"})
    assert ask_refund(full_alipay, paid, "R1")["refund_status"] == "REFUND_SUCCESS"


def test_certificate_mode(in_mode):
    merchant = in_mode(certificates=True)
    assert set(merchant.config) == {
        "app_id", "seller_id", "app_certificate", "alipay_certificate", "root_certificates",
    }  # fmt: skip
    body = merchant.trade()
    told, announced = merchant.ask("alipay.trade.precreate", body)
    assert told["code"] == "10000"
    assert announced == alipay_certificate_number(merchant.config["alipay_certificate"])
    for name in ("app_cert_sn", "alipay_root_cert_sn"):
        wrong = merchant.ask("alipay.trade.precreate", body, **{name: "0" * 32})[0]
        assert wrong["sub_code"] == f"isv.invalid-{name.replace('_', '-')}"


def test_a_merchant_without_certificates_announces_none(full_alipay):
    told = full_alipay.say("query", {"out_trade_no": "x"}, app_cert_sn="0" * 32)
    assert told["sub_code"] == "isv.invalid-app-cert-sn"


def test_a_new_app_is_given_open_id_alone(in_mode, pay):
    merchant = in_mode(open_id_only=True)
    told = merchant.token(merchant.code())
    assert ("user_id" in told, "open_id" in told) == (False, True)
    made = merchant.say("create", merchant.trade(buyer_open_id=told["open_id"]))
    assert pay("alipay_bridge", {"tradeNO": made["trade_no"]})["result"] == "ok"
    seen = merchant.say("query", {"trade_no": made["trade_no"]})
    assert (seen["buyer_open_id"], "buyer_user_id" in seen) == (told["open_id"], False)


def test_an_isv_calls_for_its_merchant(in_mode, pay):
    isv = in_mode(isv=True)
    made = isv.say("create", isv.trade(buyer_id=isv.user_id(), seller_id=isv.config["seller_id"]))
    assert pay("alipay_bridge", {"tradeNO": made["trade_no"]})["result"] == "ok"
    assert Trade.objects.get().merchant.number == isv.config["seller_id"]
    wrong = isv.say("query", {"trade_no": made["trade_no"]}, app_auth_token="none")
    assert (wrong["code"], wrong["sub_code"]) == ("20001", "aop.invalid-app-auth-token")
    without = isv.say("query", {"trade_no": made["trade_no"]}, app_auth_token=None)
    assert without["sub_code"] == "ACQ.TRADE_NOT_EXIST"
