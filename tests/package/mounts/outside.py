"""The project's own pages have a language in their paths, and the payment API has none."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

urlpatterns = [
    path("api/", include("scanforpay_django.urls")),
    *i18n_patterns(path("accounts/", include("django.contrib.auth.urls"))),
]
