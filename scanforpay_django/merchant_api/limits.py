"""Who may call from where and how often. Nothing that a stranger does is counted against a partner."""

import ipaddress
from functools import lru_cache

from django.http import HttpRequest
from django.utils.translation import gettext_noop

from scanforpay_django.client_address import client_address, counted_address
from scanforpay_django.conf import conf
from scanforpay_django.exceptions import NotAuthorised, rule
from scanforpay_django.models import Partner
from scanforpay_django.operations.call_counter import count_call


@lru_cache(maxsize=1024)
def networks(text: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    """The networks and addresses of an allow-list. Raises ValueError naming the first that is none."""
    return tuple(ipaddress.ip_network(word, strict=False) for word in text.replace(",", " ").split())


def _is_allowed(text: str, address: str) -> bool:
    try:
        found = ipaddress.ip_address(address)
        mapped = getattr(found, "ipv4_mapped", None)
        return any((mapped or found) in network for network in networks(text))
    except ValueError:
        return False


def check_proven(request: HttpRequest, partner: Partner) -> None:
    """A verified caller's address and rate. Raises NotAuthorised, TooManyCalls."""
    if partner.allowed_addresses.strip():
        address = client_address(request)
        if not _is_allowed(partner.allowed_addresses, address):
            raise NotAuthorised(
                detail=rule(gettext_noop("%(address)s is not in the allow-list."), address=address or "-")
            )
    own = partner.calls_per_minute
    count_call(f"partner {partner.pk}", conf.partner_calls_per_minute if own is None else own)


def check_unproven(request: HttpRequest) -> None:
    """How often an address may be wrong. Raises TooManyCalls; a verified caller at that address is not held up."""
    count_call(f"unverified {counted_address(request)}", conf.unverified_calls_per_minute)
