"""Codes that are scanned, and H5 pages."""

from datetime import timedelta

import pytest

from scanforpay_django import clock
from scanforpay_django.sandbox.models import Prepay, Trade
from tests.sandbox.families import query_of, sheet_of

BASE = "http://localhost:8000"

SCENE = {"payer_client_ip": "203.0.113.7", "h5_info": {"type": "Wap"}}


@pytest.fixture
def h5_url(direct):
    return direct.post("h5", direct.body(scene_info=SCENE)).json()["h5_url"]


def open_h5(client, url, referer=f"{BASE}/", **more):
    return client.get(url, query_params=query_of(url) | more, headers={"Referer": referer})


def test_an_h5_order_is_paid_on_its_page_and_comes_back(client, h5_url, confirm, direct):
    back = f"{BASE}/pay/done?x=1"
    page = open_h5(client, h5_url, redirect_url=back)
    shown = sheet_of(page)
    assert (shown["next"], shown["leaveSeconds"]) == (back, 5)
    assert confirm(page)["result"] == "ok"
    told = direct.ask(Trade.objects.get().out_trade_no).json()
    assert (told["trade_state"], told["trade_type"]) == ("SUCCESS", "MWEB")
    assert told["payer"]["openid"].startswith("o")


@pytest.mark.parametrize("referer", ["", "https://evil.example/", f"{BASE}.evil.example/", "http://[", "x"])
def test_an_h5_page_wants_the_registered_referer(client, h5_url, referer):
    page = open_h5(client, h5_url, referer)
    assert (page.status_code, "Referer" in page.content.decode()) == (400, True)


def test_an_h5_page_goes_back_to_the_registered_domain_only(client, h5_url):
    assert open_h5(client, h5_url, redirect_url="https://evil.example/").status_code == 400


def test_an_h5_url_lives_five_minutes(client, h5_url):
    left = Prepay.objects.get().expires_at - clock.now()
    assert timedelta(minutes=4) < left <= timedelta(minutes=5)
    Prepay.objects.update(expires_at=clock.now())
    assert open_h5(client, h5_url).status_code == 400


@pytest.mark.parametrize("scene", [None, {}, {"payer_client_ip": "1.2.3.4"}, {"h5_info": {"type": "Wap"}},
                                   {"payer_client_ip": "1.2.3.4", "h5_info": {}}])  # fmt: skip
def test_an_h5_order_needs_its_scene(direct, scene):
    assert direct.post("h5", direct.body(scene_info=scene)).json()["code"] == "PARAM_ERROR"


def test_an_h5_order_takes_no_payer(direct):
    body = direct.body(scene_info=SCENE, payer={"openid": "o1"})
    assert direct.post("h5", body).json()["code"] == "PARAM_ERROR"


def test_a_native_code_is_scanned_and_paid(client, direct, pay, confirm):
    body = direct.body()
    code = direct.post("native", body).json()["code_url"]
    assert code.startswith("weixin://wxpay/bizpayurl?pr=")
    assert pay("scan", {"code": code}, "look")["display"] == "¥21.00"
    page = client.get("/sandbox/scan", {"code": code})
    assert sheet_of(page)["app"] == "wechat"
    assert confirm(page)["result"] == "ok"
    assert direct.ask(body["out_trade_no"]).json()["trade_type"] == "NATIVE"
    assert pay("scan", {"code": code})["result"] == "fail"


@pytest.mark.parametrize("code", ["", "weixin://wxpay/bizpayurl?pr=", "weixin://wxpay/bizpayurl?pr=wx1", "x"])
def test_a_code_that_is_none_is_refused(client, direct, code):
    assert client.get("/sandbox/scan", {"code": code}).status_code == 400


def test_the_same_number_is_not_two_products(direct):
    body = direct.body()
    direct.post("native", body)
    assert direct.post("app", body).json()["code"] == "INVALID_REQUEST"
