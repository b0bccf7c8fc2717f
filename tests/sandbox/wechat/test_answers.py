"""Signed answers of API v3."""


def test_an_order_gets_a_prepay_id_and_a_signed_answer(wechat, body):
    answer = wechat.order(body)
    wechat.verify_answer(answer)
    assert answer.status_code == 200
    assert answer.json()["prepay_id"].startswith("wx")
