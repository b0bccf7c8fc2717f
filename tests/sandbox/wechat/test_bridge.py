"""What the WeChat app refuses."""

import pytest

from scanforpay_django.sandbox.models import Trade

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("change", [
    {"appId": "wx0000000000000000"},
    {"timeStamp": 1700000000},
    {"timeStamp": "1700000000"},
    {"nonceStr": "other"},
    {"package": "prepay_id=wx1"},
    {"package": "wx1"},
    {"signType": "MD5"},
    {"signType": "RSA2"},
    {"paySign": ""},
    {"paySign": "bm90IG1pbmU="},
    {"paySign": None},
    {"timestamp": "1700000000"},
])  # fmt: skip
def test_a_tampered_bridge_call_fails(wechat, prepay_id, pay, change):
    told = pay("wechat_bridge", wechat.bridge(prepay_id) | change)
    assert told["result"] == "fail"
    assert told["message"]
    assert Trade.objects.get().state == "open"


@pytest.mark.parametrize("name", ["appId", "timeStamp", "nonceStr", "package", "signType", "paySign"])
def test_a_bridge_call_needs_all_its_parameters(wechat, prepay_id, pay, name):
    params = wechat.bridge(prepay_id)
    del params[name]
    assert pay("wechat_bridge", params)["result"] == "fail"


def test_a_pay_sign_by_the_wrong_key_fails(wechat, alipay, prepay_id, pay):
    wechat.secrets["private_key"] = alipay.secrets["private_key"]
    assert "签名" in pay("wechat_bridge", wechat.bridge(prepay_id))["message"]
