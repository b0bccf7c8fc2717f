"""Each variant at a path of its own; ours where it always is."""

from django.urls import include, path

from benchmarks.shops import settling_views, views
from benchmarks.shops.peers import PEERS

urlpatterns = [
    path("api/", include("scanforpay_django.urls")),
    path("bare/create", views.bare_create),
    path("bare/query", views.bare_query),
    path("drf/create", views.DrfCreate.as_view()),
    path("drf-plain/create", views.DrfCreate.as_view(serializer_class=views.PlainOrderSerializer)),
    path("five/create", views.five_create),
    path("settle/bare", settling_views.bare_settle),
    path("settle/plain", settling_views.plain_settle),
]
if "payments" in PEERS:
    from benchmarks.shops import payments_view

    urlpatterns += [
        path("payments/create", payments_view.create),
        path("payments/", include("payments.urls")),
    ]
if "getpaid" in PEERS:
    from benchmarks.shops import getpaid_view

    urlpatterns += [path("getpaid/create", getpaid_view.create), path("getpaid/", include("getpaid.urls"))]
