"""The street doors. Mount them at ``api/`` to get the published paths."""

from django.urls import URLPattern, URLResolver

app_name = "scanforpay"
urlpatterns: list[URLPattern | URLResolver] = []
