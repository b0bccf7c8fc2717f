"""The sandbox's addresses; its mount is SCANFORPAY_SANDBOX_URL."""

from django.urls import URLPattern, URLResolver, path

from . import views, wallet
from .alipay import gateway
from .alipay import oauth as alipay_oauth
from .wechat import api
from .wechat import oauth as wechat_oauth

app_name = "scanforpay_sandbox"

TRANSACTIONS = "wechat/v3/pay/transactions"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("phone", views.phone, name="phone"),
    path("wallet/pay", wallet.call, name="wallet-pay"),
    path(f"{TRANSACTIONS}/jsapi", api.order, name="wechat-order"),
    path(f"{TRANSACTIONS}/out-trade-no/<str:out_trade_no>", api.query, name="wechat-query"),
    path(f"{TRANSACTIONS}/out-trade-no/<str:out_trade_no>/close", api.close, name="wechat-close"),
    path(f"{TRANSACTIONS}/id/<str:transaction_id>", api.query_by_id, name="wechat-query-by-id"),
    path("wechat/connect/oauth2/authorize", wechat_oauth.authorize, name="wechat-authorize"),
    path("wechat/sns/oauth2/access_token", wechat_oauth.access_token, name="wechat-token"),
    path("alipay/gateway.do", gateway.gateway, name="alipay-gateway"),
    path("alipay/oauth2/publicAppAuthorize.htm", alipay_oauth.authorize, name="alipay-authorize"),
]
