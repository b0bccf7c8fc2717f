"""Alipay's wap page."""

import pytest
from django.test import Client

from scanforpay_django.sandbox.models import Trade
from tests.sandbox.families import query_of, sheet_of
from tests.sandbox.merchant import verify


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


@pytest.mark.parametrize("change", [{"product_code": "FACE_TO_FACE_PAYMENT"}, {"buyer_id": "2088000000000000"},
                                    {"quit_url": "javascript:alert(1)"}, {"subject": "a/b"}])  # fmt: skip
def test_a_wrong_wap_page_is_refused_in_words(full_alipay, change):
    page = full_alipay.open_wap(full_alipay.trade(**change))
    assert (page.status_code, "ACQ.INVALID_PARAMETER" in page.content.decode()) == (400, True)


def test_a_wap_page_with_a_wrong_signature_is_refused(full_alipay):
    params = full_alipay.wap_params(full_alipay.trade()) | {"return_url": "https://evil.example/"}
    page = full_alipay.client.get("/sandbox/alipay/gateway.do", params)
    assert (page.status_code, "isv.invalid-signature" in page.content.decode()) == (400, True)
    assert not Trade.objects.exists()


@pytest.mark.parametrize("code", ["QUICK_WAP_WAY", "QUICK_WAP_PAY"])
def test_both_names_of_the_product_are_taken(full_alipay, code):
    assert full_alipay.open_wap(full_alipay.trade(product_code=code)).status_code == 200
