"""``/metrics`` for Prometheus: the extra ``scanforpay-django[metrics]``. Closed until a token or a network is set."""

import hmac
import ipaddress
from importlib import import_module

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.debug import sensitive_variables

from scanforpay_django.client_address import client_address
from scanforpay_django.conf import conf
from scanforpay_django.health.answers import answer_text
from scanforpay_django.models.database import non_atomic_requests

MISSING = "Install the extra that writes metrics: pip install 'scanforpay-django[metrics]'.\n"


@non_atomic_requests
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures as Prometheus reads them; 404 for everybody else, 501 without prometheus-client."""
    if not (_has_token(request) or _is_near(request)):
        raise Http404
    try:
        # Loaded when it is asked for: the library is an extra.
        exposition = import_module("scanforpay_django.health.exposition")
    except ImportError:
        return answer_text(MISSING, 501)
    return answer_text(exposition.write_metrics(), content_type=exposition.CONTENT_TYPE)


@sensitive_variables()
def _has_token(request: HttpRequest) -> bool:
    wanted = conf.metrics_token
    sent = request.headers.get("Authorization", "")
    return bool(wanted) and hmac.compare_digest(sent.encode(), f"Bearer {wanted}".encode())


def _is_near(request: HttpRequest) -> bool:
    networks = conf.metrics_networks
    address = client_address(request) if networks else ""
    if not address:
        return False
    return any(
        ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False) for network in networks
    )


urlpatterns = [path("metrics", metrics, name="scanforpay-metrics")]
