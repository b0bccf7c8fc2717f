"""The addresses of the API, the pay pages and the notifications. Mount them at ``api/`` for the published paths."""

from django.urls import path, re_path

from scanforpay_django.cashier.counter import counter_page
from scanforpay_django.cashier.logo import logo, verification_file
from scanforpay_django.cashier.receipt import receipt
from scanforpay_django.cashier.sign_in import oauth_return
from scanforpay_django.cashier.views import (
    GoView,
    LeaveView,
    PayView,
    ReturnView,
    StatusView,
    back_from_platform,
)
from scanforpay_django.merchant_api.barcode_view import BarcodeView
from scanforpay_django.merchant_api.lazy_schema import lazy_view
from scanforpay_django.merchant_api.refund_views import RefundQueryView, RefundView
from scanforpay_django.merchant_api.unknown_call import UnknownCallPattern
from scanforpay_django.merchant_api.views import (
    CloseView,
    CodeView,
    CounterView,
    CreateView,
    OnlineCreateView,
    PayQueryView,
    QrCodeView,
)
from scanforpay_django.platform_notify.views import platform_notify

app_name = "scanforpay"
_SCHEMA = "scanforpay_django.merchant_api.schema_views"
# Merchants call us.
calls = [
    path("jspay/create", CreateView.as_view(), name="create"),
    path("online/create", OnlineCreateView.as_view(), name="online-create"),
    path("offline/qrcode", QrCodeView.as_view(), name="qrcode"),
    path("offline/create", CodeView.as_view(), name="code"),
    path("counter/create", CounterView.as_view(), name="counter-create"),
    path("offline/pay", BarcodeView.as_view(), name="barcode"),
    path("common/close", CloseView.as_view(), name="close"),
    path("common/refund", RefundView.as_view(), name="refund"),
    path("common/refundQuery", RefundQueryView.as_view(), name="refund-query"),
    path("common/payQuery", PayQueryView.as_view(), name="pay-query"),
]
urlpatterns = [
    *calls,
    path("schema/", lazy_view(f"{_SCHEMA}.schema"), {"calls": tuple(calls)}, name="schema"),
    path("schema/page", lazy_view(f"{_SCHEMA}.api_page"), name="schema-page"),
    path("schema/redoc.js", lazy_view(f"{_SCHEMA}.redoc"), name="schema-redoc"),
    # The payer's browser. The directory jspay/ is the payment directory that is registered at a platform.
    path("jspay/pay/<str:token>", PayView.as_view(), name="pay"),
    path("jspay/pay/<str:token>/status", StatusView.as_view(), name="status"),
    path("jspay/pay/<str:token>/go", GoView.as_view(), name="go"),
    path("jspay/pay/<str:token>/return", ReturnView.as_view(), name="return"),
    path("jspay/pay/<str:token>/leave", LeaveView.as_view(), name="leave"),
    path("jspay/counter/<str:token>", counter_page, name="counter"),
    path("jspay/receipt", receipt, name="receipt"),
    path("jspay/logo/<slug:digest>", logo, name="logo"),
    re_path(r"^jspay/(?P<name>[A-Za-z0-9_-]{1,64}\.txt)$", verification_file, name="verification-file"),
    path("jspay/back/<str:number>", back_from_platform, name="back"),
    path("jspay/oauth/<slug:slug>", oauth_return, name="oauth"),
    # Platforms notify us. No query string: some refuse one.
    path("platform/<slug:slug>/<str:public_id>", platform_notify, name="platform-notify"),
    UnknownCallPattern(),
]
