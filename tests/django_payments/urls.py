"""The tests' addresses, and those of django-payments."""

from django.urls import include, path

from demo_project.urls import urlpatterns as own

urlpatterns = [*own, path("payments/", include("payments.urls"))]
