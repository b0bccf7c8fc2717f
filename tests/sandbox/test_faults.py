"""Faults strike the calls that they are meant for."""

import pytest
from django.core.management import CommandError, call_command

from scanforpay_django.sandbox import faults
from scanforpay_django.sandbox.merchants import issue_alipay_credentials, issue_wechat_credentials
from scanforpay_django.sandbox.models import Merchant, Payer, SandboxFault, Trade
from tests.sandbox.families import Direct, FullAlipay

pytestmark = pytest.mark.django_db


def test_a_fault_strikes_where_it_is_meant_to(client, direct):
    other = Direct(client, issue_wechat_credentials())
    merchant = Merchant.objects.get(number=direct.config["mchid"])
    faults.arm("http-500", merchant=merchant, count=5)
    assert other.post("native", other.body()).status_code == 200
    assert direct.post("native", direct.body()).status_code == 500
    SandboxFault.objects.update(merchant=None, operation="close")
    body = direct.body()
    assert direct.post("native", body).status_code == 200
    assert direct.shut(body["out_trade_no"]).status_code == 500
    mine = Trade.objects.get(out_trade_no=body["out_trade_no"])
    SandboxFault.objects.update(trade=mine, operation="")
    assert other.post("native", other.body()).status_code == 200
    assert direct.ask(body["out_trade_no"]).status_code == 500
    SandboxFault.objects.update(trade=None, phone_user="somebody")
    assert direct.ask(body["out_trade_no"]).status_code == 200
    payer = Payer.objects.create(merchant=merchant, phone_user="somebody", payer_id="o1")
    Trade.objects.filter(pk=mine.pk).update(payer=payer)
    assert direct.ask(body["out_trade_no"]).status_code == 500


def test_a_customers_fault_strikes_the_order_made_for_them(direct, stranger):
    openid, other = direct.openid(), direct.openid(stranger)
    faults.arm("http-500", phone_user=Payer.objects.get(payer_id=openid).phone_user)
    assert direct.post("jsapi", direct.body(payer={"openid": other})).status_code == 200
    assert direct.post("jsapi", direct.body(payer={"openid": openid})).status_code == 500


def test_a_customers_fault_strikes_alipays_create_too(full_alipay):
    user_id = full_alipay.user_id()
    faults.arm("http-429", phone_user=Payer.objects.get(payer_id=user_id).phone_user)
    params = full_alipay.params("alipay.trade.create", full_alipay.trade(buyer_id=user_id))
    assert full_alipay.status(params) == 429


def test_a_fault_of_one_merchant_leaves_alipays_isv_alone(client):
    isv = FullAlipay(client, issue_alipay_credentials(isv=True))
    faults.arm("not-enough", merchant=Merchant.objects.get(app_id=isv.config["app_id"]))
    body = isv.trade(scene="bar_code", auth_code="2812345678901234", time_expire=None)
    isv.say("pay", body)
    asked = {"out_trade_no": body["out_trade_no"], "refund_amount": "1.00", "out_request_no": "R1"}
    assert isv.say("refund", asked)["sub_code"] == "ACQ.SELLER_BALANCE_NOT_ENOUGH"


@pytest.mark.parametrize("wrong", [
    {"name": "no-such"}, {"operation": "dance"}, {"seconds": "soon"}, {"seconds": -1}, {"seconds": 601},
    {"count": 0}, {"count": 1001},
])  # fmt: skip
def test_a_fault_that_cannot_be_armed_is_refused(wrong):
    given = {"name": "http-500"} | wrong
    with pytest.raises(faults.FaultError):
        faults.arm(given.pop("name"), **given)


def test_the_command_knows_the_faults():
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("sandbox_pay", "http://127.0.0.1:9/", "--as", "wechat", "--fault", "no-such")
