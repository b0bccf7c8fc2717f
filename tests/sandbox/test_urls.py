"""The sandbox's addresses are those of the platforms, below its mount."""

import pytest
from django.urls import resolve


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("wechat/v3/pay/transactions/jsapi", "wechat-jsapi"),
        ("wechat/v3/pay/partner/transactions/out-trade-no/N1/close", "wechat-partner-close"),
        ("wechat/v3/pay/transactions/id/42", "wechat-query-by-id"),
        ("wechat_global/v3/global/transactions/mweb", "wechat-global-h5"),
        ("wechat/v3/refund/domestic/refunds", "wechat-refund"),
        ("alipay/gateway.do", "alipay-gateway"),
        ("alipay_global/gateway.do", "alipay-global-gateway"),
    ],
)
def test_a_platforms_path_is_found(path, name):
    assert resolve(f"/sandbox/{path}").url_name == name
