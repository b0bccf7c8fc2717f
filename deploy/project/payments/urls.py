"""The addresses: the API and the pay pages, admin, and what machines ask."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("api/", include("scanforpay_django.urls")),
    path("", include("scanforpay_django.health.process")),
    path("", include("scanforpay_django.health.ready")),
    path("", include("scanforpay_django.health.metrics")),
]
if settings.SANDBOX:
    urlpatterns.append(path("sandbox/", include("scanforpay_django.sandbox.urls")))
