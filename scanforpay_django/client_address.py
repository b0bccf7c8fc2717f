"""The customer's own address, past as many proxies as the project says there are."""

import ipaddress
import re

from django.http import HttpRequest

from scanforpay_django.conf import conf

# Some proxies add the port: 192.0.2.1:50000, [2001:db8::1]:50000.
_WITH_PORT = re.compile(r"(?:\[([0-9A-Fa-f:.]+(?:%[^\]]*)?)\]|([0-9.]+))(?::[0-9]{1,5})?")


def client_address(request: HttpRequest) -> str:
    """An IP address, "" when there is none. Without trusted proxies X-Forwarded-For is anybody's word.

    An IPv4 address that a dual-stack socket writes as IPv6 is IPv4, and a zone id says nothing outside this machine.
    """
    chain = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    chain.append(request.META.get("REMOTE_ADDR", ""))
    index = len(chain) - 1 - min(conf.trusted_proxies, len(chain) - 1)
    found = _WITH_PORT.fullmatch(chain[index])
    try:
        address = ipaddress.ip_address(found[1] or found[2] if found else chain[index])
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        return str(address.ipv4_mapped or ipaddress.IPv6Address(int(address)))
    return str(address)


def counted_address(request: HttpRequest) -> str:
    """What one visitor can hardly change: an IPv4 address, or the /64 that one line of IPv6 is given."""
    address = client_address(request)
    if ":" not in address:
        return address
    return str(ipaddress.ip_network((int(ipaddress.IPv6Address(address)), 64), strict=False))
