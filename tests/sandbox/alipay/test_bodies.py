"""The body of a call to Alipay."""

import pytest

from scanforpay_django.sandbox.models import Trade


@pytest.mark.parametrize("change", [
    {"unknown": "1"},
    {"body": None, "subject": None},
    {"subject": "a/b"},
    {"subject": "a=b"},
    {"subject": "a&b"},
    {"subject": "x" * 257},
    {"subject": ""},
    {"total_amount": "21.000"},
    {"total_amount": "0.00"},
    {"total_amount": 0.001},
    {"total_amount": True},
    {"total_amount": "100000000.01"},
    {"total_amount": ["21.00"]},
    {"total_amount": "1e2"},
    {"total_amount": "-1.00"},
    {"out_trade_no": "a-b"},
    {"out_trade_no": "a" * 65},
    {"out_trade_no": "a\n"},
    {"buyer_id": "2088000000000000"},
    {"buyer_id": None},
    {"buyer_open_id": "both"},
    {"buyer_id": "2088"},
    {"product_code": "QUICK_WAP_WAY"},
    {"product_code": "JSAPI_PAY"},
    {"time_expire": "2018-06-08 10:34:56"},
    {"time_expire": "2099-06-08 10:34:56"},
    {"time_expire": "2099-06-08T10:34:56+08:00"},
    {"time_expire": None, "timeout_express": "16d"},
    {"time_expire": None, "timeout_express": "1w"},
])  # fmt: skip
def test_a_wrong_biz_content_is_an_invalid_parameter(alipay, body, change):
    wanted = {name: value for name, value in (body | change).items() if value is not None}
    assert alipay.create(wanted)["sub_code"] == "ACQ.INVALID_PARAMETER"
    assert not Trade.objects.exists()


def test_null_is_refused(alipay, body):
    assert alipay.create(body | {"body": None})["sub_code"] == "ACQ.INVALID_PARAMETER"


@pytest.mark.parametrize("change", [
    {"product_code": "JSAPI_PAY", "op_app_id": "2021000000000001"},
    {"subject": "汉" * 256},
    {"time_expire": None, "timeout_express": "90m"},
    {"time_expire": None},
    {"total_amount": "100000000.00"},
    {"total_amount": "21"},
    {"total_amount": "21.5"},
    {"total_amount": 21},
    {"total_amount": 0.01},
    {"extend_params": {"sys_service_provider_id": "2088000000000001", "hb_fq_num": "3"}},
    {"disable_pay_channels": "credit_group", "store_id": "1", "undiscountable_amount": "1.00"},
])  # fmt: skip
def test_what_the_documents_allow_is_taken(alipay, body, change):
    wanted = {name: value for name, value in (body | change).items() if value is not None}
    assert alipay.create(wanted)["code"] == "10000"


@pytest.mark.parametrize(
    ("amount", "fen"), [("21", 2100), ("21.5", 2150), (0.01, 1), (100000000, 10_000_000_000)]
)
def test_an_amount_of_fewer_decimals_is_the_same_money(alipay, body, amount, fen):
    alipay.create(body | {"total_amount": amount})
    assert Trade.objects.get().amount == fen
