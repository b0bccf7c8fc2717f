"""Refusals of API v3 in the platform's own words, as integrators published them."""

import pytest

NUMBER = "/v3/pay/transactions/out-trade-no"


@pytest.mark.parametrize(("change", "message", "value"), [
    ({"out_trade_no": "abc"},
     "输入源“/body/out_trade_no”映射到值字段“商户订单号”字符串规则校验失败，字节数 3，小于最小值 6", 3),
    ({"attach": "x" * 203},
     "输入源“/body/attach”映射到值字段“附加数据”字符串规则校验失败，字节数 203，大于最大值 128", 203),
    ({"out_trade_no": "订单号abc"},
     r"输入源“/body/out_trade_no”映射到值字段“商户订单号”字符串规则校验失败，字符串必须匹配正则表达式“^[0-9a-zA-Z_\-\|\*]+$”",
     "订单号abc"),
    ({"amount": {"total": 0.01, "currency": "CNY"}},
     "无法将 JSON 输入源“/body/amount/total”映射到目标字段“总金额”中，此字段需要一个合法的 64 位有符号整数", 0.01),
    ({"payer": {}}, "输入源“/body/payer/openid”映射到字段“用户标识”必填性规则校验失败，此字段为必填项", ""),
    ({"appid": None}, "输入源“/body/appid”映射到字段“公众号ID”必填性规则校验失败，此字段为必填项", ""),
])  # fmt: skip
def test_a_wrong_field_is_named_and_measured(wechat, body, change, message, value):
    answer = wechat.order(body | change)
    assert answer.status_code == 400
    assert answer.json() == {
        "code": "PARAM_ERROR", "message": message, "detail": {"location": "body", "value": value},
    }  # fmt: skip


def test_a_field_that_there_is_not_is_listed(wechat, body):
    answer = wechat.order(body | {"trade_type": "JSAPI"})
    assert answer.json() == {
        "code": "PARAM_ERROR",
        "message": "请求中含有未在API文档中定义的参数",
        "detail": {"location": None, "value": ["/body/trade_type"]},
    }


@pytest.mark.parametrize("call", ["query", "close"])
def test_too_long_a_number_in_the_path_is_refused_as_such(wechat, call):
    told = getattr(wechat, call)("a" * 35).json()
    assert told["message"] == (
        "输入源“/uri_template/out_trade_no”映射到值字段“商户订单号”字符串规则校验失败，字节数 35，大于最大值 32"
    )
    assert told["detail"] == {"location": "uri_template", "value": 35}
