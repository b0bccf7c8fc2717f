"""The tables of what each method of Alipay takes."""

from decimal import Decimal

import pytest

from scanforpay_django.sandbox.alipay import fields

TABLES = {
    "create": fields.TRADE_CREATE, "precreate": fields.PRECREATE, "wap": fields.WAP, "pay": fields.PAY,
    "query": fields.TRADE_QUERY, "close": fields.TRADE_CLOSE, "cancel": fields.CANCEL, "refund": fields.TRADE_REFUND,
    "refund_query": fields.TRADE_REFUND_QUERY,
    "bill": fields.BILL_QUERY,
}  # fmt: skip
REQUIRED = {
    "create": {"out_trade_no", "total_amount", "subject"},
    "precreate": {"out_trade_no", "total_amount", "subject"},
    "wap": {"out_trade_no", "total_amount", "subject"},
    "pay": {"out_trade_no", "total_amount", "subject", "auth_code"},
    "query": set(), "close": set(), "cancel": set(),
    "refund": {"refund_amount"}, "refund_query": {"out_request_no"}, "bill": {"bill_type", "bill_date"},
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_each_table_names_its_class_and_what_is_required(name):
    table = TABLES[name]
    assert table.source.endswith("Model.java")
    assert {field for field, rule in table.fields.items() if rule.required} == REQUIRED[name]


@pytest.mark.parametrize(("value", "amount"), [("0.1", "0.1"), ("21.00", "21"), (21, "21"), (0.01, "0.01")])
def test_an_amount_is_a_text_or_a_number(value, amount):
    assert fields.yuan(value) == Decimal(amount)


@pytest.mark.parametrize("value", ["0.001", 0.001, "1e2", "-1", "", True, None, [], "１", float("inf")])
def test_anything_else_is_no_amount(value):
    with pytest.raises(ValueError, match=r"neither|not yuan"):
        fields.yuan(value)
