"""The customer's own address, past as many proxies as the project says there are."""

import ipaddress

from django.http import HttpRequest

from scanforpay_django.conf import conf


def client_address(request: HttpRequest) -> str:
    """An IP address, "" when there is none. Without trusted proxies X-Forwarded-For is anybody's word."""
    chain = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    chain.append(request.META.get("REMOTE_ADDR", ""))
    index = len(chain) - 1 - min(conf.trusted_proxies, len(chain) - 1)
    try:
        return str(ipaddress.ip_address(chain[index]))
    except ValueError:
        return ""
