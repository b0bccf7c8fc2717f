"""Claims from queues of every shape: ``python -m benchmarks.claim [--history 1000000] [--due 1000,50000]``.

A PostgreSQL (--database mariadb: a MariaDB) of its own, filled with delivered notifications and their orders, and
analysed while nothing waits; then for each shape messages that are due, of a partner for each endpoint or (--one-
partner) of one for all, due one after another or (--equal) at the same moment, and at least so many claims. What is
claimed is delivered in between, as a worker does. Printed are the median and the 99th percentile of claim().
"""

import os
import statistics
import time
from argparse import ArgumentParser
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import django

from benchmarks.findings import add_json, percentile, write
from tests.chaos.services import MariaDB, Postgres

if TYPE_CHECKING:
    from benchmarks.backlog import Backlog, Shape

#: 1,000 due messages are 16 claims: they are put there again until there are enough for a 99th percentile
MAX_FILLS = 25


#: what the benchmarks of the queue may run on; MariaDB with half of what a machine of theirs has for its buffer
SERVERS: dict[str, Callable[[], Postgres | MariaDB]] = {
    "postgresql": Postgres,
    "mariadb": partial(MariaDB, "--innodb-buffer-pool-size=1G", "--innodb-log-file-size=512M"),
}


def add_database(parser: ArgumentParser) -> None:
    """The option --database."""
    parser.add_argument("--database", choices=sorted(SERVERS), default="postgresql")


def measure_claims(backlog: "Backlog", shape: "Shape", least: int) -> dict[str, Any]:
    """At least ``least`` claims from queues of one shape; milliseconds."""
    took: list[float] = []
    taken = 0
    for _ in range(MAX_FILLS):
        if len(took) >= least:
            break
        backlog.add(shape)
        milliseconds, rows = claims(least - len(took))
        took += milliseconds
        taken += rows
        backlog.clear()
    return {
        "endpoints": shape.endpoints,
        "due": shape.count,
        "claims": len(took),
        "taken": taken,
        "p50": statistics.median(took),
        "p99": percentile(took, 0.99),
        "worst": max(took),
    }


def claims(number: int) -> tuple[list[float], int]:
    """Milliseconds of at most ``number`` claims, with the delivery of what was claimed between them, and how many
    messages they took. Ends when nothing is left.
    """
    from scanforpay_django.merchant_notify.claim import claim
    from scanforpay_django.merchant_notify.occupancy import Occupancy
    from scanforpay_django.merchant_notify.record import Result, record
    from scanforpay_django.merchant_notify.rotation import Rotation
    from scanforpay_django.transport import Outcome

    outcome = Outcome(status=200, body=b"success", duration_ms=3)
    took, rotation, taken = [], Rotation(), 0
    for _ in range(number):
        begun = time.perf_counter()
        found = claim(64, Occupancy(slots=128, most=1024), rotation)
        took.append(1000 * (time.perf_counter() - begun))
        if found.taken:
            record([Result(claimed=one, outcome=outcome) for one in found.taken])
        taken += len(found.taken)
        if not found.taken and not found.is_unfinished:
            break
    return took, taken


def show(found: dict[str, Any]) -> None:
    """A line."""
    print(
        f"{found['endpoints']} endpoints, {found['due']} due: {found['claims']} claims took {found['taken']}: "
        f"p50 {found['p50']:.1f} ms, p99 {found['p99']:.1f} ms, worst {found['worst']:.1f} ms",
        flush=True,
    )


def prepare(url: str) -> None:
    """Django on an empty database."""
    os.environ |= {
        "DATABASE_URL": url, "REDIS_URL": "", "DJANGO_SETTINGS_MODULE": "benchmarks.project.settings",
    }  # fmt: skip
    django.setup()
    from django.core.management import call_command

    call_command("migrate", run_syncdb=True, verbosity=0, skip_checks=True)


def main() -> None:
    """Fill, claim, print."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--history", type=int, default=1_000_000)
    parser.add_argument("--due", default="1000,50000")
    parser.add_argument("--endpoints", default="1,4,20,64,640,20000")
    parser.add_argument("--claims", type=int, default=300)
    parser.add_argument("--one-partner", action="store_true")
    parser.add_argument("--equal", action="store_true")
    add_database(parser)
    add_json(parser)
    options = parser.parse_args()
    shapes = [int(number) for number in options.endpoints.split(",")]
    found = []
    with SERVERS[options.database]() as server:
        prepare(server.url)
        from benchmarks.backlog import AT_ONCE, ONE_BY_ONE, Backlog, Shape

        backlog = Backlog(options.history, max(shapes))
        for count in (int(number) for number in options.due.split(",")):
            for endpoints in shapes:
                moment = AT_ONCE if options.equal else ONE_BY_ONE
                shape = Shape(
                    count=count, endpoints=endpoints, one_partner=options.one_partner, moment=moment
                )
                found.append(measure_claims(backlog, shape, options.claims))
                show(found[-1])
    write(options.json, {"cells": found})


if __name__ == "__main__":
    main()
