"""What the Alipay app refuses."""

import pytest

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("params", [{}, {"tradeNO": "1"}, {"tradeNo": "1"}, {"tradeNO": 1}, {"tradeNO": ""}])
def test_a_wrong_trade_no_fails(alipay, trade_no, pay, params):
    assert pay("alipay_bridge", params)["result"] == "fail"


def test_a_wechat_trade_is_not_paid_by_number_in_alipay(wechat, prepay_id, pay):
    assert pay("alipay_bridge", {"tradeNO": prepay_id})["result"] == "fail"
