"""Sends to the zoo, and what came of them."""

import asyncio
import ssl
from collections.abc import Sequence

from scanforpay_django.transport import Outcome, Sender

DEADLINE = 1.0


def send(*addresses: str, tls: ssl.SSLContext | None = None) -> Sequence[Outcome]:
    """One send to each address, all at once."""

    async def main() -> Sequence[Outcome]:
        async with Sender(64, DEADLINE, tls=tls) as sender:
            return await asyncio.gather(*(sender.send(url, b"{}", {}, asker=url) for url in addresses))

    return asyncio.run(main())
