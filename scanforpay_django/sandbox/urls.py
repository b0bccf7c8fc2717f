"""The sandbox's addresses; its mount is SCANFORPAY_SANDBOX_URL."""

from django.urls import URLPattern, URLResolver, path

from . import bill_controls, controls, scanning, views, wallet
from .alipay import bill as alipay_bill
from .alipay import gateway
from .alipay import oauth as alipay_oauth
from .alipay_global import gateway as alipay_global_gateway
from .wechat import api, bill, codepay, platform_certificates, redirect, refund, statement
from .wechat import oauth as wechat_oauth
from .wechat.modes import DIRECT, GLOBAL, PARTNER, Mode

app_name = "scanforpay_sandbox"


def _transactions(prefix: str, name: str, mode: Mode, products: dict[str, str]) -> list[URLPattern]:
    """The addresses of one family of API v3; ``products`` by the last part of their path."""
    given = {"mode": mode}
    number = f"{prefix}/out-trade-no/<str:out_trade_no>"
    return [
        *(
            path(f"{prefix}/{word}", api.order, {**given, "product": product}, name=f"{name}-{product}")
            for word, product in products.items()
        ),
        path(number, api.query, given, name=f"{name}-query"),
        path(f"{number}/close", api.close, given, name=f"{name}-close"),
        path(f"{prefix}/id/<str:transaction_id>", api.query_by_id, given, name=f"{name}-query-by-id"),
    ]


def _codepay(prefix: str, name: str, mode: Mode) -> list[URLPattern]:
    given = {"mode": mode}
    reverse = f"{prefix}/out-trade-no/<str:out_trade_no>/reverse"
    return [
        path(f"{prefix}/codepay", codepay.codepay, given, name=f"{name}-codepay"),
        path(reverse, codepay.reverse, given, name=f"{name}-reverse"),
    ]


MAINLAND = {"jsapi": "jsapi", "h5": "h5", "native": "native", "app": "app"}
HONG_KONG = {"jsapi": "jsapi", "mweb": "h5", "native": "native", "app": "app"}
V3 = "wechat/v3"
V3_GLOBAL = "wechat_global/v3/global"
REFUNDS = f"{V3}/refund/domestic/refunds"
REFUNDS_GLOBAL = f"{V3_GLOBAL}/refunds"
ANY = {"mode": DIRECT}
HK = {"mode": GLOBAL}

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("phone", views.phone, name="phone"),
    path("faults", controls.faults_form, name="faults"),
    path("refunds/<int:refund_id>/finish", controls.finish_refund, name="finish-refund"),
    path("coupons", bill_controls.coupon_form, name="coupons"),
    path("console", bill_controls.console_form, name="console"),
    path("bills", bill_controls.edit_form, name="bills"),
    path("scan", scanning.scan, name="scan"),
    path("trade/<int:trade_id>", scanning.sheet, name="sheet"),
    path("wallet/pay", wallet.call, name="wallet-pay"),
    *_transactions(f"{V3}/pay/transactions", "wechat", DIRECT, MAINLAND),
    *_codepay(f"{V3}/pay/transactions", "wechat", DIRECT),
    *_transactions(f"{V3}/pay/partner/transactions", "wechat-partner", PARTNER, MAINLAND),
    *_codepay(f"{V3}/pay/partner/transactions", "wechat-partner", PARTNER),
    path(REFUNDS, refund.refund, ANY, name="wechat-refund"),
    path(f"{REFUNDS}/<str:out_refund_no>", refund.refund_query, ANY, name="wechat-refund-query"),
    path(
        f"{REFUNDS}/<str:refund_id>/apply-abnormal-refund",
        redirect.redirect_refund,
        ANY,
        name="wechat-redirect",
    ),
    path(f"{V3}/bill/tradebill", bill.trade_bill, ANY, name="wechat-bill"),
    path(f"{V3}/bill/fundflowbill", bill.fund_bill, ANY, name="wechat-fund-bill"),
    path(f"{V3}/billdownload/file", bill.download, name="wechat-bill-file"),
    path(f"{V3}/certificates", platform_certificates.certificates, ANY, name="wechat-certificates"),
    path("wechat/cgi-bin/mmpayweb-bin/checkmweb", scanning.wechat_h5, name="wechat-h5-page"),
    path("wechat/connect/oauth2/authorize", wechat_oauth.authorize, name="wechat-authorize"),
    path("wechat/sns/oauth2/access_token", wechat_oauth.access_token, name="wechat-token"),
    *_transactions(f"{V3_GLOBAL}/transactions", "wechat-global", GLOBAL, HONG_KONG),
    path(REFUNDS_GLOBAL, refund.refund, HK, name="wechat-global-refund"),
    path(f"{REFUNDS_GLOBAL}/out-refund-no/<str:out_refund_no>", refund.refund_query, HK),
    path(f"{REFUNDS_GLOBAL}/id/<str:refund_id>", refund.refund_query_by_id, HK),
    path(f"{V3_GLOBAL}/statements", statement.statement, name="wechat-global-statement"),
    path(f"{V3_GLOBAL}/certificates", platform_certificates.certificates, HK),
    path("wechat_global/connect/oauth2/authorize", wechat_oauth.authorize),
    path("wechat_global/sns/oauth2/access_token", wechat_oauth.access_token),
    path("alipay/gateway.do", gateway.gateway, name="alipay-gateway"),
    path("alipay/oauth2/publicAppAuthorize.htm", alipay_oauth.authorize, name="alipay-authorize"),
    path("alipay/qr/<str:token>", scanning.alipay_qr, name="alipay-qr"),
    path("alipay/bill/<str:token>", alipay_bill.download, name="alipay-bill-file"),
    path("alipay_global/gateway.do", alipay_global_gateway.gateway, name="alipay-global-gateway"),
]
