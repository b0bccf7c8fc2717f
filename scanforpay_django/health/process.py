"""``/healthz``: the process answers. Nothing else is asked, so that a database that is away restarts no web server."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from scanforpay_django.health.answers import answer_text
from scanforpay_django.models.database import non_atomic_requests


@non_atomic_requests
def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """200 and ``ok``, whatever the database does."""
    return answer_text("ok\n")


urlpatterns = [path("healthz", healthz, name="scanforpay-healthz")]
