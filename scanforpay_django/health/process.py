"""``/healthz``: the process answers. Nothing else is asked, so that a database that is away restarts no web server."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from scanforpay_django.health.answers import answer_text


def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """200 and ``ok``."""
    return answer_text("ok\n")


urlpatterns = [path("healthz", healthz, name="scanforpay-healthz")]
