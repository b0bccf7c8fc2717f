"""Platform notifications that come faster than they can be applied: ``python -m benchmarks.overload [--times 4]``.

A PostgreSQL of its own and gunicorn with two workers. First how many notifications a second are applied over 16 kept
connections; then so many times as many for some seconds, each at its own moment and on a connection of its own, as a
platform that does not wait for the answer to one before it sends the next.
"""

import asyncio
import os
import resource
import time
from argparse import ArgumentParser
from collections import Counter
from contextlib import ExitStack
from typing import Any

import django

from benchmarks.calls import environment, manage, shop_environment
from benchmarks.findings import add_json, load_text, percentile, write
from benchmarks.load import run
from benchmarks.server import serve
from benchmarks.settling import is_accepted
from tests.chaos.services import Postgres

ACCEPTED, REFUSED = "200", "503"
#: a platform waits for five seconds; what it is still waiting for then is an error
GIVEN_UP_SECONDS = 5.0
WARM_UP, CALLS = 100, 600


async def send(port: int, request: bytes, moment: float) -> tuple[str, float]:
    """The status of one answer, or what was wrong, and how many seconds it took from the first packet on."""
    await asyncio.sleep(moment - time.monotonic())
    begun = time.monotonic()
    try:
        async with asyncio.timeout(2 * GIVEN_UP_SECONDS):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request)
            status = (await reader.readline()).split()[1].decode()
            writer.close()
    except (OSError, TimeoutError, IndexError) as error:
        return type(error).__name__, time.monotonic() - begun
    return status, time.monotonic() - begun


async def send_all(port: int, requests: list[bytes], rate: float) -> list[tuple[str, float]]:
    """All of them, at an even pace."""
    begins = time.monotonic() + 0.5
    sends = (send(port, request, begins + at / rate) for at, request in enumerate(requests))
    return await asyncio.gather(*sends)


def measure(times: float, seconds: float) -> dict[str, Any]:
    """Capacity, then the flood."""
    python = environment()
    with ExitStack() as stack:
        env = shop_environment(stack.enter_context(Postgres()).url) | {"BENCH_WITHOUT_PEERS": "1"}
        os.environ |= env
        manage(python, env, "django", "migrate", "--run-syncdb", "-v0")
        django.setup()
        from benchmarks.shops.platform import Platform

        platform, server = Platform(), serve(stack, python, env)
        run(server, "warm-up", platform.notifications(platform.path, WARM_UP), is_accepted)
        capacity = run(server, "ours", platform.notifications(platform.path, CALLS), is_accepted).rate
        requests = platform.notifications(platform.path, int(capacity * times * seconds))
        answers = asyncio.run(send_all(server.port, requests, capacity * times))
    accepted = [took for status, took in answers if status == ACCEPTED]
    counted = Counter(status for status, _took in answers)
    return {
        "times": times,
        "seconds": seconds,
        "capacity": capacity,
        "sent": len(answers),
        "accepted": len(accepted),
        "refused": counted[REFUSED],
        "others": {status: number for status, number in counted.items() if status not in (ACCEPTED, REFUSED)},
        "p50": percentile(accepted, 0.5),
        "slowest": max(accepted),
    }


def main() -> None:
    """Measure, print."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=float, default=4.0)
    parser.add_argument("--seconds", type=float, default=10.0)
    add_json(parser)
    options = parser.parse_args()
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    found = measure(options.times, options.seconds)
    print(
        f"{found['capacity']:.0f} notifications a second are applied; of {found['sent']} in {found['seconds']:.0f} s, "
        f"{found['times']:.0f} times as many, {found['accepted']} were accepted (p50 {found['p50']:.2f} s, the slowest "
        f"{found['slowest']:.2f} s), {found['refused']} answered with 503, others {found['others']}; {load_text()}"
    )
    write(options.json, found)


if __name__ == "__main__":
    main()
