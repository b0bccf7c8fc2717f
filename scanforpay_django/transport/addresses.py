"""Which addresses the way out may connect to, by a list of our own.

``ipaddress.is_global`` will not do: in Python 3.11 multicast, 6to4 of loopback and
NAT64 of the metadata address are global.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from django.core.exceptions import ImproperlyConfigured

from scanforpay_django.conf import conf

Address = IPv4Address | IPv6Address

# IANA's special-purpose registry, with the networks a merchant's shop can never be in.
_SPECIAL_V4 = tuple(
    IPv4Network(net)
    for net in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        # Azure's own host for its virtual machines: public by its number, and by nothing else
        "168.63.129.16/32", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24",
        "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip
# Global unicast, and what in it leads elsewhere: Teredo and ORCHID, documentation, 6to4, AS112.
_UNICAST_V6 = IPv6Network("2000::/3")
_SPECIAL_V6 = tuple(
    IPv6Network(net) for net in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "2620:4f:8000::/48")
)
_PORTS_BY_SCHEME = {"http": ":80", "https": ":443"}


@lru_cache(maxsize=16_384)
def parse_address(text: str) -> Address | None:
    """The IP address that ``text`` spells canonically; None for a name, an odd notation or a zone id."""
    if "%" in text:
        return None
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    return unwrap(found)


def unwrap(address: Address) -> Address:
    """``::ffff:a.b.c.d`` as the IPv4 address it is; any other address unchanged."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def is_public(address: Address) -> bool:
    """Whether ``address`` can be a host on the public internet."""
    address = unwrap(address)
    if isinstance(address, IPv4Address):
        return not any(address in net for net in _SPECIAL_V4)
    if address.scope_id is not None or address not in _UNICAST_V6:
        return False
    return not any(address in net for net in _SPECIAL_V6)


@dataclass(frozen=True, kw_only=True)
class AllowList:
    """What SCANFORPAY_OUTBOUND_ALLOW excepts from the rules."""

    # networks whose addresses may be connected to
    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    # origins, the scheme's own port left out, that may be called whatever they resolve to
    origins: frozenset[str] = frozenset()

    def lifts(self, origin: str, address: Address | None = None) -> bool:
        """Whether ``origin``, or ``address`` when one is known, is listed."""
        if origin in self.origins:
            return True
        return address is not None and any(unwrap(address) in net for net in self.networks)


@lru_cache(maxsize=8)
def _read_allow_list(entries: tuple[str, ...]) -> AllowList:
    networks: list[IPv4Network | IPv6Network] = []
    origins = set()
    for entry in entries:
        if "://" in entry:
            origins.add(plain_origin(entry))
            continue
        try:
            networks.append(ipaddress.ip_network(entry))
        except ValueError as error:
            raise ImproperlyConfigured(
                f"SCANFORPAY_OUTBOUND_ALLOW: {entry!r} is neither a network nor an origin: {error}"
            ) from error
    return AllowList(networks=tuple(networks), origins=frozenset(origins))


def plain_origin(origin: str) -> str:
    """An origin in the spelling that targets have: lower case, no path, the scheme's own port left out."""
    scheme, _, rest = origin.strip().lower().partition("://")
    place = rest.partition("/")[0]
    return f"{scheme}://{place.removesuffix(_PORTS_BY_SCHEME.get(scheme, ''))}"


def allow_list() -> AllowList:
    """The project's allow-list. Raises ImproperlyConfigured for an entry that cannot be read."""
    entries: Sequence[str] = conf.outbound_allow
    return _read_allow_list(tuple(str(entry) for entry in entries))


def may_connect(origin: str, address: str) -> bool:
    """Whether a connection for ``origin`` may be opened to ``address`` (as getaddrinfo spells it)."""
    found = parse_address(address)
    return found is not None and (is_public(found) or allow_list().lifts(origin, found))
