"""Addresses of a project that has not mounted the sandbox."""

from django.http import HttpResponse
from django.urls import include, path

urlpatterns = [path("api/", include("scanforpay_django.urls"))]


def handler404(request, exception):
    """A page of the project's own."""
    return HttpResponse(b"our own 404", status=404)
