"""An order as answers show it."""

from tests.merchant import STORE_NO, Merchant


def test_pay_query_by_either_number(merchant: Merchant) -> None:
    order_no = merchant.create(partnerOrderNo="p1")["orderNo"]
    by_ours = merchant.query(orderNo=order_no, partnerOrderNo="other", storeNo=STORE_NO)
    by_theirs = merchant.query(partnerOrderNo="p1")
    assert by_ours == by_theirs
    assert by_ours == {
        "code": 1,
        "msg": "success",
        "orderNo": order_no,
        "partnerOrderNo": "p1",
        "orderAmount": 2100,
        "currency": "CNY",
        "wallet": "Wechat",
        "status": 0,
        "payTime": "",
        "buyer": "",
        "buyerId": "",
    }
