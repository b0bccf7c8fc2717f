"""What a refund takes."""

import pytest

GOODS = {
    "merchant_goods_id": "tea", "unit_price": 2100, "refund_amount": 100, "refund_quantity": 1,
}  # fmt: skip


def test_what_the_documents_allow_is_taken(direct, paid):
    more = {"funds_account": "AVAILABLE", "goods_detail": [GOODS], "reason": "凉" * 26}
    assert direct.refund(direct.refund_body(paid, 100) | more).status_code == 200


@pytest.mark.parametrize("change", [
    {"goods_detail": [{**GOODS, "refund_amount": None}]},
    {"goods_detail": [{"merchant_goods_id": "tea"}]},
    {"funds_account": "MINE"},
    {"amount": {"refund": 1, "total": 2100, "currency": "CNY", "from": [{"account": "AVAILABLE"}]}},
    {"out_refund_no": "a" * 65},
    {"out_refund_no": ""},
])  # fmt: skip
def test_what_they_do_not_is_refused(direct, paid, change):
    answer = direct.refund(direct.refund_body(paid, 100) | change)
    assert (answer.status_code, answer.json()["code"]) == (400, "PARAM_ERROR")
