"""Where the sandbox is not allowed."""

import pytest

from tests.sandbox.scene import scene

__all__ = ["scene"]


@pytest.mark.parametrize("path", [
    "", "phone", "wallet/pay",
    "wechat/v3/pay/transactions/jsapi", "wechat/v3/pay/transactions/out-trade-no/abcdef",
    "wechat/v3/pay/transactions/id/1", "wechat/v3/pay/transactions/out-trade-no/abcdef/close",
    "wechat/connect/oauth2/authorize", "wechat/sns/oauth2/access_token", "alipay/gateway.do",
    "alipay/oauth2/publicAppAuthorize.htm",
])  # fmt: skip
def test_every_view_is_404_where_the_sandbox_is_not_allowed(client, settings, path):
    settings.SCANFORPAY_SANDBOX_ALLOWED = False
    method = client.post if path.endswith(("jsapi", "close", "gateway.do", "wallet/pay")) else client.get
    assert method(f"/sandbox/{path}").status_code == 404
