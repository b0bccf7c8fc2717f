"""Refusals of API v3."""

from tests.sandbox.merchant import pay_it


def test_a_query_of_an_unknown_number_is_404(wechat):
    answer = wechat.query("nothing00000")
    assert (answer.status_code, answer.json()["code"]) == (404, "ORDER_NOT_EXIST")


def test_close_of_a_paid_trade_says_so(wechat, body):
    wechat.order(body)
    pay_it(body)
    assert wechat.close(body["out_trade_no"]).json()["code"] == "ORDER_PAID"
