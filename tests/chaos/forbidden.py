"""Forbidden addresses: ``python -m tests.chaos.forbidden``.

At least 300 addresses that may not be called, in every notation we know, plus names that lie: each is sent to as a
stored address would be, once with the parser and once with the guard at the socket alone. An audit hook sees every
connect() of the process. Exits with 1 if it saw one.
"""

import asyncio
import ipaddress
import os
import socket
import sys
from collections.abc import Sequence
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
seen: list[Any] = []
CIRCLED = str.maketrans("0123456789", "⓪①②③④⑤⑥⑦⑧⑨")
FULL = str.maketrans("0123456789.", "０１２３４５６７８９．")


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and arguments[0].family != socket.AF_UNIX:
        seen.append(arguments[1])


def notations(address: str) -> list[str]:
    """An IPv4 address as C libraries, browsers and IDNA also read it."""
    a, b, c, d = (int(part) for part in address.split("."))
    whole = int(ipaddress.IPv4Address(address))
    v6 = (
        f"[::ffff:{address}]",
        f"[::ffff:{a * 256 + b:x}:{c * 256 + d:x}]",
        f"[::{address}]",
        f"[64:ff9b::{address}]",
    )
    return [
        address, str(whole), hex(whole), f"0{whole:o}", f"{a}.{b * 65536 + c * 256 + d}", f"{a}.{b}.{c * 256 + d}",
        f"0{a:o}.0{b:o}.0{c:o}.0{d:o}", f"0x{a:x}.0x{b:x}.0x{c:x}.0x{d:x}", f"{address}.", f"0{address}",
        address.translate(CIRCLED), address.translate(FULL), *v6, f"[2002:{a * 256 + b:x}:{c * 256 + d:x}::1]",
        f"user@{address}", f"shop.example@{address}", f"{address}:22", f"{address}:6379", f"{address}%00",
        f"shop.example\\@{address}", f"{address}\t",
    ]  # fmt: skip


TARGETS = (
    "127.0.0.1", "169.254.169.254", "10.0.0.1", "172.16.0.1", "192.168.1.1", "0.0.0.0", "100.100.100.200", "224.0.0.1",
    "255.255.255.255", "198.18.0.1", "192.0.2.1", "127.255.255.254",
)  # fmt: skip
#: names and what they resolve to, call after call: rebinding, mixed answers, CNAMEs into the house
LIARS = {
    "rebound.example": [["8.8.8.8", "127.0.0.1"], ["127.0.0.1"]],
    "mixed.example": [["127.0.0.1", "8.8.8.8"]],
    "inside.example": [["10.1.2.3"]],
    "metadata.example": [["169.254.169.254"]],
    "six.example": [["::1"], ["fd00::1"], ["::ffff:127.0.0.1"]],
    "zoned.example": [["fe80::1%lo"]],
}


def addresses() -> list[str]:
    """All of them."""
    from tests.transport.test_addresses import FORBIDDEN
    from tests.transport.test_urls import FORBIDDEN as PLACES

    hosts = [notation for target in TARGETS for notation in notations(target)]
    hosts += [f"[{ip}]" if ":" in ip else ip for ip in FORBIDDEN]
    hosts += [*LIARS, "localhost", "shop.localhost", "LOCALHOST.", "ⓛocalhost"]
    urls = [f"{scheme}://{host}/n" for host in hosts for scheme in ("http", "https")]
    # Public names among the parser's own cases are refused for their port alone.
    urls += [
        url
        for url in PLACES
        if "shop.example" not in url and "example.com" not in url and "8.8.8.8" not in url
    ]
    return list(dict.fromkeys(urls))


def lie() -> None:
    """Names resolve to what LIARS says; nothing else is asked of a server."""
    real, calls = socket.getaddrinfo, dict.fromkeys(LIARS, 0)

    def look(host: str, *arguments: Any, **options: Any) -> Any:
        name = host.lower().rstrip(".")
        if name in LIARS:
            found = LIARS[name][min(calls[name], len(LIARS[name]) - 1)]
            calls[name] += 1
            return [(0, 0, 0, "", (address, 0)) for address in found]
        if "." in name and not name.replace(".", "").replace("0x", "").isalnum():
            raise socket.gaierror("not here")
        if name.endswith(".example"):
            raise socket.gaierror("not here")
        return real(host, *arguments, **options)

    socket.getaddrinfo = look


async def _send(urls: Sequence[str]) -> list[Any]:
    from scanforpay_django.transport import Sender

    async with Sender(64, 5) as sender:
        return [await sender.send(url, b"{}", {}) for _ in range(2) for url in urls]


def main() -> None:
    """Print and judge."""
    django.setup()
    from django.conf import settings

    from scanforpay_django.transport import HttpClient, UrlRefused, sender
    from scanforpay_django.transport.urls import split_url

    settings.SCANFORPAY_OUTBOUND_ALLOW = []
    sys.addaudithook(_audit)
    lie()
    urls = addresses()
    outcomes = asyncio.run(_send(urls))
    sender.parse_url = lambda url, purpose: split_url(url)
    outcomes += asyncio.run(_send(urls))
    client, let_through = HttpClient(total_seconds=5), 0
    for url in urls:
        try:
            client.request("POST", url, body=b"{}")
            let_through += 1
        except (UrlRefused, Exception):
            pass
    answered = sum(outcome.status is not None for outcome in outcomes) + let_through
    print(
        f"{len(urls)} forbidden addresses, {len(outcomes) + len(urls)} tries: {len(seen)} connect(), {answered} answers"
    )
    for place in seen[:20]:
        print("  connected to", place)
    sys.exit(1 if seen or answered or len(urls) < 300 else 0)


if __name__ == "__main__":
    main()
