"""The parameters of GET calls."""

import pytest

from scanforpay_django.sandbox.wechat import queries
from tests.sandbox.wechat.test_fields import all_rules

TABLES = [
    queries.QUERY, queries.PARTNER_QUERY, queries.REFUND_QUERY, queries.PARTNER_REFUND_QUERY,
    queries.GLOBAL_REFUND_QUERY, queries.INSTITUTION_REFUND_QUERY, queries.BILL,
    queries.FUND_BILL,
]  # fmt: skip
NUMBER = "/v3/pay/transactions/out-trade-no/nothing00000"


@pytest.mark.parametrize("table", TABLES)
def test_each_parameter_has_the_platforms_word_and_each_table_its_page(table):
    assert table.source.startswith("https://pay.weixin.qq.com/")
    assert [path for path, rule in all_rules(table.fields) if not rule.label] == []


def test_a_query_without_its_merchant_is_refused_as_such(wechat):
    told = wechat.call("GET", NUMBER).json()
    assert told == {
        "code": "PARAM_ERROR",
        "message": "输入源“/query/mchid”映射到字段“直连商户号”必填性规则校验失败，此字段为必填项",
        "detail": {"location": "query", "value": ""},
    }


@pytest.mark.parametrize(
    "query", ["?mchid=1600000000", "?mchid={own}&mchid={own}", "?mchid={own}&sub_mchid=1"]
)
def test_a_query_of_another_is_refused(wechat, query):
    told = wechat.call("GET", NUMBER + query.format(own=wechat.config["mchid"])).json()
    assert told["code"] == "PARAM_ERROR"


@pytest.mark.parametrize("day", ["2018", "20180608", "2018-13-01", "", "2018-6-8"])
def test_a_bill_is_of_a_day(direct, day):
    assert direct.call("GET", f"/v3/bill/tradebill?bill_date={day}").json()["code"] == "PARAM_ERROR"
