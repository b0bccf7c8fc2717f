"""What customers may do that they should not."""

import pytest

from scanforpay_django.sandbox import faults
from scanforpay_django.sandbox.models import SandboxFault, Trade

pytestmark = pytest.mark.django_db


def test_a_closed_trade_may_be_paid_all_the_same(direct, pay):
    body = direct.body(notify_url="http://127.0.0.1:9/n")
    code = direct.post("native", body).json()["code_url"]
    assert direct.shut(body["out_trade_no"]).status_code == 204
    assert pay("scan", {"code": code})["result"] == "fail"
    faults.arm("pay-after-close")
    assert pay("scan", {"code": code}, "look")["result"] == "ok"
    assert pay("scan", {"code": code})["result"] == "ok"
    assert direct.ask(body["out_trade_no"]).json()["trade_state"] == "SUCCESS"
    assert not SandboxFault.objects.filter(remaining__gt=0).exists()


def test_an_order_may_be_paid_twice_from_two_phones(direct, full_alipay, pay):
    first, second = direct.body(), direct.body()
    direct.post("native", first)
    direct.shut(first["out_trade_no"])
    other = full_alipay.trade(subject=first["description"])
    full_alipay.say("precreate", other)
    strange = direct.body(amount={"total": 1, "currency": "CNY"})
    direct.post("native", strange)
    faults.arm("pay-twice")
    assert pay("scan", {"code": direct.post("native", second).json()["code_url"]})["result"] == "ok"
    paid = set(Trade.objects.filter(state="paid").values_list("out_trade_no", flat=True))
    assert paid == {first["out_trade_no"], second["out_trade_no"], other["out_trade_no"]}
    assert len(set(Trade.objects.filter(state="paid").values_list("payer__phone_user", flat=True))) == 3
