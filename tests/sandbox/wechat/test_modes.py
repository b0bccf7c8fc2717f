"""Key modes, service providers and WeChat Pay HK."""

import json

import pytest

from scanforpay_django.sandbox import faults
from scanforpay_django.sandbox.merchants import (
    issue_wechat_global_credentials,
    issue_wechat_partner_credentials,
)
from scanforpay_django.sandbox.models import Merchant, Trade
from tests.sandbox.families import HongKong, Institution, Partner, certificate_serial, verify_by_serial

pytestmark = pytest.mark.django_db


@pytest.fixture
def partner(client):
    return Partner(client, issue_wechat_partner_credentials())


@pytest.fixture
def hong_kong(client):
    return HongKong(client, issue_wechat_global_credentials())


def signed_by(merchant, serial):
    headers = {"Wechatpay-Serial": serial} if serial else None
    drop = () if serial else ("Wechatpay-Serial",)
    merchant.config.setdefault("public_key_id", "PUB_KEY_ID_0")
    answer = merchant.call("POST", "/v3/pay/transactions/native", merchant.body(), drop=drop, headers=headers)
    return verify_by_serial(merchant, answer.headers, answer.content) if answer.status_code == 200 else "none"


def test_answers_are_signed_by_the_key_that_was_asked_for(in_mode):
    old, new, both = in_mode("certificate"), in_mode("public_key"), in_mode("migration")
    serial, key_id = certificate_serial(both.config["platform_certificates"]), both.config["public_key_id"]
    assert [signed_by(old, one) for one in (serial, key_id, "")] == ["certificate"] * 3
    assert [signed_by(new, one) for one in (serial, key_id, "")] == ["none", "public key", "public key"]
    assert [signed_by(both, one) for one in (serial, key_id, "")] == [
        "certificate",
        "public key",
        "certificate",
    ]
    assert signed_by(both, "0123456789ABCDEF") == "none"


def test_a_provider_collects_for_a_sub_merchant(partner, pay):
    body = partner.body()
    code = partner.post("native", body).json()["code_url"]
    assert pay("scan", {"code": code})["result"] == "ok"
    told = partner.ask(body["out_trade_no"]).json()
    for name, value in partner.parties().items():
        assert told[name] == value
    assert "mchid" not in told
    assert set(told["payer"]) == {"sp_openid", "sub_openid"}
    by_id = f"/v3/pay/partner/transactions/id/{told['transaction_id']}"
    query = f"?sp_mchid={told['sp_mchid']}&sub_mchid={told['sub_mchid']}"
    assert partner.call("GET", by_id + query).json() == told


@pytest.mark.parametrize(("kind", "app"), [("sp_openid", "appid"), ("sub_openid", "sub_appid")])
def test_a_payer_is_named_by_either_apps_openid(partner, pay, kind, app):
    secret = partner.secrets["app_secret" if kind == "sp_openid" else "sub_app_secret"]
    code = partner.authorize(appid=partner.config[app])["Location"].split("code=")[1].split("&")[0]
    openid = partner.token(code, appid=partner.config[app], secret=secret)["openid"]
    prepay_id = partner.post("jsapi", partner.body(payer={kind: openid})).json()["prepay_id"]
    own = partner.config
    for called in ("appid", "sub_appid"):
        partner.config = own | {"appid": own[called]}
        assert pay("wechat_bridge", partner.bridge(prepay_id), "look")["result"] == (
            "ok" if called == app else "fail"
        )
    partner.config = own | {"appid": own[app]}
    assert pay("wechat_bridge", partner.bridge(prepay_id))["result"] == "ok"
    assert Trade.objects.get().payer.payer_id == openid


@pytest.mark.parametrize("payer", [{}, {"openid": "o1"}, {"sp_openid": "o1", "sub_openid": "o2"},
                                   {"sp_openid": "o1"}])  # fmt: skip
def test_a_wrong_payer_is_refused(partner, payer):
    assert partner.post("jsapi", partner.body(payer=payer)).json()["code"] == "PARAM_ERROR"


def test_all_sub_merchants_share_one_numbering(client, partner):
    provider = Merchant.objects.get(number=partner.config["mchid"])
    config, hidden = issue_wechat_partner_credentials(provider=provider)
    assert set(hidden) == {"sub_app_secret"}
    other = Partner(client, (partner.config | config, partner.secrets | hidden))
    body = partner.body()
    partner.post("native", body)
    taken = other.post("native", other.body(out_trade_no=body["out_trade_no"]))
    assert taken.json()["code"] == "INVALID_REQUEST"
    assert other.ask(body["out_trade_no"]).json()["code"] == "ORDER_NOT_EXIST"


def test_paths_of_the_other_mode_are_refused(client, direct, partner):
    assert direct.call("POST", "/v3/pay/partner/transactions/native", partner.body()).status_code == 403
    body = direct.body() | {"mchid": partner.config["mchid"], "appid": partner.config["appid"]}
    assert partner.call("POST", "/v3/pay/transactions/native", body).json()["code"] == "NO_AUTH"
    stranger = partner.body() | {"sub_mchid": direct.config["mchid"]}
    assert partner.post("native", stranger).json()["code"] == "NO_AUTH"


def test_a_sub_merchant_signs_nothing_itself(client, partner):
    sub = Partner(client, (partner.config | {"mchid": partner.config["sub_mchid"]}, partner.secrets))
    assert sub.ask("nothing00000").json()["code"] == "SIGN_ERROR"


def test_a_provider_closes_and_refunds_for_its_sub_merchant(partner):
    body = partner.body()
    partner.post("native", body)
    assert partner.shut(body["out_trade_no"]).status_code == 204
    paid = partner.barcode_body("134567890123456789")
    assert partner.post("codepay", paid).json()["sub_mchid"] == partner.config["sub_mchid"]
    refund = partner.refund_body(paid["out_trade_no"])
    assert partner.refund(refund).json()["code"] == "PARAM_ERROR"
    sub = {"sub_mchid": partner.config["sub_mchid"]}
    assert partner.refund(refund | sub).status_code == 200
    query = f"?sub_mchid={sub['sub_mchid']}"
    assert partner.ask_refund(refund["out_refund_no"], query).json()["status"] == "SUCCESS"
    assert partner.ask_refund(refund["out_refund_no"]).json()["code"] == "PARAM_ERROR"


@pytest.mark.parametrize(("path", "trade_type", "answer"), [
    ("native", "NATIVE", "code_url"), ("app", "APP", "prepay_id"), ("mweb", "MWEB", "mweb_url"),
])  # fmt: skip
def test_hong_kong_orders_name_their_type(hong_kong, path, trade_type, answer):
    scene = {"payer_client_ip": "203.0.113.7", "store_info": {"name": "Tea", "address": "1 Road"}}
    body = hong_kong.body(trade_type=trade_type, scene_info=scene)
    told = hong_kong.post(path, body)
    hong_kong.verify_answer(told)
    assert list(told.json()) == [answer]


@pytest.mark.parametrize("scene", [
    None, {"payer_client_ip": "203.0.113.7"},
    {"payer_client_ip": "203.0.113.7", "store_info": {"name": "Tea"}},
    {"payer_client_ip": "203.0.113.7", "h5_info": {"type": "Wap"}, "store_info": {"name": "T", "address": "A"}},
])  # fmt: skip
def test_hong_kongs_h5_wants_a_store_and_knows_no_h5_info(hong_kong, scene):
    told = hong_kong.post("mweb", hong_kong.body(trade_type="MWEB", scene_info=scene))
    assert (told.status_code, told.json()["code"]) == (400, "PARAM_ERROR")


@pytest.fixture
def institution(client):
    return Institution(client, issue_wechat_global_credentials(institution=True))


def test_an_institution_collects_for_a_sub_merchant(institution, pay):
    body = institution.body(trade_type="NATIVE")
    assert pay("scan", {"code": institution.post("native", body).json()["code_url"]})["result"] == "ok"
    told = institution.ask(body["out_trade_no"]).json()
    assert {name: told[name] for name in institution.parties()} == institution.parties()
    assert "mchid" not in told
    refund = institution.refund_body(body["out_trade_no"], 100)
    assert institution.refund(refund).json()["status"] == "PROCESSING"
    query = f"?sp_mchid={told['sp_mchid']}&sub_mchid={told['sub_mchid']}"
    assert institution.ask_refund(refund["out_refund_no"], query).json()["status"] == "SUCCESS"
    assert institution.ask_refund(refund["out_refund_no"], "?mchid=1").json()["code"] == "PARAM_ERROR"


@pytest.mark.parametrize(("name", "code"), [
    ("sp_appid", "PARAM_ERROR"), ("sp_mchid", "PARAM_ERROR"), ("sub_mchid", "PARAM_ERROR"), ("sub_appid", None),
])  # fmt: skip
def test_an_institutions_refund_names_app_and_merchants(institution, pay, name, code):
    body = institution.body(trade_type="NATIVE")
    pay("scan", {"code": institution.post("native", body).json()["code_url"]})
    refund = institution.refund_body(body["out_trade_no"], 100)
    del refund[name]
    assert institution.refund(refund).json().get("code") == code


@pytest.mark.parametrize(("change", "code"), [
    ({"appid": None}, "PARAM_ERROR"), ({"appid": "wx0"}, "APPID_MCHID_NOT_MATCH"), ({"mchid": None}, "PARAM_ERROR"),
])  # fmt: skip
def test_hong_kongs_refund_names_app_and_merchant(hong_kong, pay, change, code):
    body = hong_kong.body(trade_type="NATIVE")
    pay("scan", {"code": hong_kong.post("native", body).json()["code_url"]})
    given = hong_kong.refund_body(body["out_trade_no"], 100) | change
    refund = {name: value for name, value in given.items() if value is not None}
    assert hong_kong.refund(refund).json()["code"] == code


def test_hong_kong_writes_a_closed_refund_as_the_second_api_did(hong_kong, pay):
    body = hong_kong.body(trade_type="NATIVE")
    pay("scan", {"code": hong_kong.post("native", body).json()["code_url"]})
    faults.arm("refund-failed")
    refund = hong_kong.refund_body(body["out_trade_no"], 100)
    hong_kong.refund(refund)
    mchid = f"?mchid={hong_kong.config['mchid']}"
    assert hong_kong.ask_refund(refund["out_refund_no"], mchid).json()["status"] == "REFUNDCLOSE"


def test_hong_kong_is_paid_and_refunded_in_its_currency(hong_kong, pay):
    body = hong_kong.body(trade_type="NATIVE")
    code = hong_kong.post("native", body).json()["code_url"]
    assert pay("scan", {"code": code})["display"] == "HK$21.00"
    told = hong_kong.ask(body["out_trade_no"]).json()
    assert (told["trade_state"], told["amount"]["currency"]) == ("SUCCESS", "HKD")
    assert told["amount"]["exchange_rate"] == {"type": "SETTLEMENT_RATE", "rate": 100000000}
    assert "transaction_id" not in told
    mchid = f"?mchid={hong_kong.config['mchid']}"
    assert hong_kong.call("GET", f"/v3/global/transactions/id/{told['id']}{mchid}").json() == told
    refund = hong_kong.refund_body(body["out_trade_no"], 100)
    made = hong_kong.refund(refund).json()
    assert hong_kong.ask_refund(refund["out_refund_no"], mchid).json()["status"] == "SUCCESS"
    assert hong_kong.call("GET", f"/v3/global/refunds/id/{made['id']}{mchid}").json()["id"] == made["id"]


def test_hong_kong_payers_come_by_its_own_oauth(hong_kong, pay):
    body = hong_kong.body(trade_type="JSAPI", payer={"openid": hong_kong.openid()})
    prepay_id = hong_kong.post("jsapi", body).json()["prepay_id"]
    assert pay("wechat_bridge", hong_kong.bridge(prepay_id))["result"] == "ok"


@pytest.mark.parametrize("change", [{"trade_type": None}, {"trade_type": "APP"}, {"merchant_category_code": None},
                                    {"amount": {"total": 1, "currency": "XXX"}}])  # fmt: skip
def test_a_wrong_hong_kong_order_is_refused(hong_kong, change):
    body = {**hong_kong.body(trade_type="NATIVE"), **change}
    wanted = {name: value for name, value in body.items() if value is not None}
    assert hong_kong.post("native", wanted).json()["code"] == "PARAM_ERROR"


def test_families_do_not_know_each_others_merchants(client, direct, hong_kong):
    mixed = HongKong(client, (direct.config | {"merchant_category_code": "5812"}, direct.secrets))
    assert mixed.ask("nothing00000").json()["code"] == "SIGN_ERROR"
    assert json.loads(direct.ask("nothing00000").content)["code"] == "ORDER_NOT_EXIST"
