"""Ours where it always is; the plain view with its number of queries."""

from django.urls import include, path

from benchmarks.pay_pages.views import bare

urlpatterns = [
    path("api/", include("scanforpay_django.urls")),
    path("bare/<int:queries>/<str:token>", bare),
]
