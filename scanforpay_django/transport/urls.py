"""The one reading of an address that a merchant gives. Callers use the Target, never the text."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address
from typing import Literal
from urllib.parse import quote

import idna
from django.utils.translation import gettext_noop

from scanforpay_django.conf import conf
from scanforpay_django.transport.addresses import Address, allow_list, is_public, parse_address

MAX_LENGTH = 200
PORTS = frozenset({80, 443, 8080, 8443})

TOO_LONG = gettext_noop("at most 200 characters")
NOT_ABSOLUTE = gettext_noop("an absolute http or https address")
BAD_CHARACTER = gettext_noop("no blanks, backslashes or control characters")
NO_USER = gettext_noop("no user name or password in the address")
NO_FRAGMENT = gettext_noop("no # in the address")
BAD_HOST = gettext_noop("the host is not a valid name or IP address")
BAD_PORT = gettext_noop("the port is not a number from 1 to 65535")
PORT_FORBIDDEN = gettext_noop("the port must be 80, 443, 8080 or 8443")
NOT_PUBLIC = gettext_noop("the host is not on the public internet")
OWN_HOST = gettext_noop("the host is the payment service itself")
HTTPS_ONLY = gettext_noop("https is required")

Purpose = Literal["notify", "return"]

_URL = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<place>[^/?#]*)(?P<path>/[^?#]*)?(?P<query>\?[^#]*)?(?P<fragment>#.*)?",
    re.DOTALL,
)
_BRACKETED = re.compile(r"\[(?P<host>[0-9A-Fa-f:.]+)\](?::(?P<port>[0-9]+))?")
_NAMED = re.compile(r"(?P<host>[^:\[\]]+)(?::(?P<port>[0-9]+))?")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
# A last label like this makes the C library read the whole name as a number: 2130706433, 127.1, 0x7f.1.
_NUMERIC = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PATH_SAFE = "/:@!$&'()*+,;=~-._%"
# What is in none of the three parts ever quoted, and the sign that begins a query.
_PLAIN = re.compile(r"\??[0-9A-Za-z/:@!$&'()*+,;=~._%-]*")
_BAD_ASCII = re.compile(r"[\x00-\x20\\\x7f]")
_DEFAULT_PORTS = {"http": 80, "https": 443}


class UrlRefused(ValueError):
    """The address is refused. The text is one of this module's rules, in English, marked for translation."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """An address as it will be called."""

    # "http" or "https"
    scheme: str
    # a lower-case ASCII name, a dotted quad, or an IPv6 address without brackets
    host: str
    port: int
    # begins with "/", ASCII only
    path_and_query: str
    # scheme://host, with the port unless it is the scheme's own
    origin: str
    # the whole address, ASCII only, with the fragment where one is allowed
    url: str


def _has_forbidden_character(url: str) -> bool:
    """ASCII alone is quick: every order brings two addresses."""
    if _BAD_ASCII.search(url):
        return True
    return not url.isascii() and any(unicodedata.category(char)[0] in "CZ" for char in url)


def _quote(text: str, safe: str) -> str:
    return text if _PLAIN.fullmatch(text) else quote(text, safe=safe)


def _read_ipv6(text: str) -> str:
    found = parse_address(text)
    if found is None or ":" not in text:
        raise UrlRefused(BAD_HOST)
    return str(found)


def _becomes_ascii(char: str) -> bool:
    return not char.isascii() and char.lower().isascii()


def _read_name(text: str) -> str:
    # A full stop at the end means that a name is whole, which it is anyway.
    if not _NUMERIC.fullmatch(text[:-1].rpartition(".")[2].lower()):
        text = text.removesuffix(".")
    # Not what becomes ASCII by that: lower() would turn the Kelvin sign into k.
    host = "".join(char if _becomes_ascii(char) else char.lower() for char in text)
    if not host.isascii():
        try:
            host = idna.encode(host, strict=True).decode("ascii")
        except UnicodeError as error:
            raise UrlRefused(BAD_HOST) from error
    labels = host.split(".")
    if len(host) > MAX_LENGTH or not all(_LABEL.fullmatch(label) for label in labels):
        raise UrlRefused(BAD_HOST)
    if _NUMERIC.fullmatch(labels[-1]) and not isinstance(parse_address(text), IPv4Address):
        raise UrlRefused(BAD_HOST)
    return host


@lru_cache(maxsize=4096)
def _read_place(place: str) -> tuple[str, int | None]:
    if "@" in place:
        raise UrlRefused(NO_USER)
    bracketed = place.startswith("[")
    found = (_BRACKETED if bracketed else _NAMED).fullmatch(place)
    if found is None:
        raise UrlRefused(BAD_HOST)
    host = _read_ipv6(found["host"]) if bracketed else _read_name(found["host"])
    port = found["port"]
    if port is None:
        return host, None
    if len(port) > 5 or port.startswith("0") or int(port) > 65535:
        raise UrlRefused(BAD_PORT)
    return host, int(port)


def split_url(url: str, *, fragment: bool = False) -> Target:
    """Read the syntax alone: no rule about length, place or port. Raises UrlRefused."""
    if _has_forbidden_character(url):
        raise UrlRefused(BAD_CHARACTER)
    found = _URL.fullmatch(url)
    if found is None or found["scheme"].lower() not in _DEFAULT_PORTS:
        raise UrlRefused(NOT_ABSOLUTE)
    if found["fragment"] is not None and not fragment:
        raise UrlRefused(NO_FRAGMENT)
    scheme = found["scheme"].lower()
    host, port = _read_place(found["place"])
    port = port or _DEFAULT_PORTS[scheme]
    path = _quote(found["path"] or "/", _PATH_SAFE) + _quote(found["query"] or "", _PATH_SAFE + "?")
    place = f"[{host}]" if ":" in host else host
    origin = f"{scheme}://{place}" + ("" if port == _DEFAULT_PORTS[scheme] else f":{port}")
    tail = _quote(found["fragment"] or "", _PATH_SAFE + "?#")
    return Target(
        scheme=scheme, host=host, port=port, path_and_query=path, origin=origin, url=origin + path + tail
    )


@lru_cache(maxsize=4096)
def _normalised_address(host: str) -> Address | None:
    """The address a host spells, without asking anyone: RFC 6761 reserves localhost for the loopback."""
    is_local = host == "localhost" or host.endswith(".localhost")
    return parse_address("127.0.0.1" if is_local else host)


@lru_cache(maxsize=8)
def _as_in_targets(names: frozenset[str]) -> frozenset[str]:
    """Hosts from settings in the spelling that targets have."""
    return frozenset(_as_in_a_target(name) for name in names)


def _as_in_a_target(name: str) -> str:
    found = parse_address(name.strip("[]"))
    if found is not None:
        return str(found)
    try:
        return _read_name(name)
    except UrlRefused:
        return name


def _check_place(target: Target, address: Address | None) -> None:
    if address is not None and not is_public(address):
        raise UrlRefused(NOT_PUBLIC)
    if target.host in _as_in_targets(frozenset(conf.own_hosts)):
        raise UrlRefused(OWN_HOST)
    if target.port not in PORTS:
        raise UrlRefused(PORT_FORBIDDEN)


def parse_url(url: str, *, purpose: Purpose) -> Target:
    """A merchant's address, read strictly; no name is looked up.

    "notify" is called by this server: public hosts, usual ports, no fragment. "return" is opened by the
    customer's browser: any host and port, a fragment after a path is kept. SCANFORPAY_OUTBOUND_ALLOW excepts
    from the rules about network, port, scheme and own host. Raises UrlRefused.
    """
    if len(url) > MAX_LENGTH:
        raise UrlRefused(TOO_LONG)
    target = split_url(url, fragment=purpose == "return")
    address = _normalised_address(target.host)
    if allow_list().lifts(target.origin, address):
        return target
    if target.scheme == "http" and not conf.allow_http:
        raise UrlRefused(HTTPS_ONLY)
    if purpose == "notify":
        _check_place(target, address)
    return target
