"""A project that has all three pages beside everything else."""

from django.urls import include, path

from demo_project.urls import urlpatterns as demo_urls

urlpatterns = [
    path("", include("scanforpay_django.health.process")),
    path("", include("scanforpay_django.health.ready")),
    path("", include("scanforpay_django.health.metrics")),
    *demo_urls,
]
