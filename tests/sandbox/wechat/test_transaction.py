"""A transaction as WeChat Pay describes it."""

from tests.sandbox.merchant import pay_it


def test_a_query_tells_an_unpaid_trade(wechat, body):
    wechat.order(body)
    answer = wechat.query(body["out_trade_no"])
    wechat.verify_answer(answer)
    told = answer.json()
    assert (told["trade_state"], told["amount"]) == ("NOTPAY", {"total": 2100, "currency": "CNY"})
    assert "transaction_id" not in told
    assert "success_time" not in told


def test_a_query_tells_a_paid_trade_by_either_number(wechat, body):
    wechat.order(body)
    pay_it(body)
    by_ours = wechat.query(body["out_trade_no"]).json()
    mchid = wechat.config["mchid"]
    by_theirs = wechat.call(
        "GET", f"/v3/pay/transactions/id/{by_ours['transaction_id']}?mchid={mchid}"
    ).json()
    assert by_ours == by_theirs
    assert by_ours["trade_state"] == "SUCCESS"
    assert by_ours["payer"] == body["payer"]
    assert by_ours["amount"]["total"] == 2100
    assert by_ours["success_time"].endswith("+08:00")
