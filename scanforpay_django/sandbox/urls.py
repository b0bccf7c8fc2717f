"""The sandbox's addresses."""

from django.urls import URLPattern, URLResolver

app_name = "scanforpay_sandbox"
urlpatterns: list[URLPattern | URLResolver] = []
