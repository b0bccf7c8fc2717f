"""A mistake that check names."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

urlpatterns = i18n_patterns(path("api/", include("scanforpay_django.urls")))
