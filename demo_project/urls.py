"""The demo's addresses."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("sandbox/", include("scanforpay_django.sandbox.urls")),
    path("api/", include("scanforpay_django.urls")),
    path("", include("demo_project.shop.urls")),
]
