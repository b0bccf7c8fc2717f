"""Deliveries a second over the shapes: ``python -m benchmarks.delivery [--history 1000000] [--due 1000,50000]``.

A PostgreSQL (--database mariadb: a MariaDB) of its own, filled as ``benchmarks.claim`` fills it: delivered
notifications, and statistics that were taken while nothing waited. For each shape two ``manage.py scanforpay_worker``
are warmed up and stopped in their tracks (SIGSTOP) while the messages are made due; the clock runs from SIGCONT until
nothing waits. Endpoints are addresses of the loopback network with a partner each, and known to no worker before the
warm-up. Beside each cell: the best tuned Celery task over as many endpoints (``benchmarks.round plain-tuned``), and
claim() alone in a queue of that shape. Last, merchants that hang (``benchmarks.hanging``).
"""

import os
import subprocess
import sys
import time
from argparse import ArgumentParser, Namespace
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from benchmarks import hanging
from benchmarks.claim import SERVERS, add_database, measure_claims, prepare
from benchmarks.findings import add_json, load_text, write
from benchmarks.merchants import sink
from benchmarks.workers import Workers
from tests.chaos.services import ROOT, Redis, wait_until

if TYPE_CHECKING:
    from benchmarks.backlog import Backlog

MAX_WARM_UP = 200
LONGEST_SECONDS = 300.0


def ours(backlog: "Backlog", workers: Workers, endpoints: int, count: int, port: int) -> float:
    """Deliveries a second of two workers."""
    from benchmarks.backlog import Shape

    with workers.running():
        backlog.add(Shape(count=min(2 * endpoints, MAX_WARM_UP), endpoints=endpoints, port=port))
        workers.wake()
        assert wait_until(backlog.is_empty, 60), workers.log()
        time.sleep(1)
        workers.stop()
        backlog.add(Shape(count=count, endpoints=endpoints, port=port))
        workers.wake()
        begun = workers.go_on()
        if not wait_until(backlog.is_empty, LONGEST_SECONDS, pause=0.1):
            raise SystemExit(f"{endpoints} endpoints, {count} due: not done\n{workers.log()}")
        took = time.monotonic() - begun
    backlog.clear()
    return count / took


def celery(url: str, redis: str, endpoints: int, rows: int, port: int) -> float:
    """Deliveries a second of the best tuned Celery task with two processes."""
    env = {**os.environ, "DATABASE_URL": url, "REDIS_URL": redis, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "benchmarks.round", "plain-tuned", str(rows), str(port), str(endpoints)]
    done = subprocess.run(command, check=False, env=env, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return float(done.stdout.split()[-1])


def show(cell: dict[str, Any]) -> None:
    """A line of the table."""
    print(
        f"| {cell['endpoints']} | {cell['due']} | {cell['rate']:.0f} | {cell['celery']:.0f} | "
        f"{cell['rate'] / cell['celery']:.1f} x | {cell['p50']:.1f} ms | {cell['p99']:.1f} ms | {cell['claims']} | "
        f"{cell['load']} |",
        flush=True,
    )


def measure_cells(
    options: Namespace, backlog: "Backlog", workers: Workers, port: int, urls: tuple[str, str]
) -> list[dict[str, Any]]:
    """Every shape."""
    from benchmarks.backlog import Shape

    found = []
    print("| endpoints | due | deliveries a second | tuned Celery | ours is | claim p50 | p99 | claims | |")
    print("|---|---|---|---|---|---|---|---|---|")
    for count in (int(number) for number in options.due.split(",")):
        for endpoints in (int(number) for number in options.endpoints.split(",")):
            rate = ours(backlog, workers, endpoints, count, port)
            beside = celery(*urls, endpoints, options.celery_rows, port)
            claims = measure_claims(backlog, Shape(count=count, endpoints=endpoints), options.claims)
            found.append({**claims, "rate": rate, "celery": beside, "load": load_text()})
            show(found[-1])
    return found


def read_options() -> Namespace:
    """The command line."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--history", type=int, default=1_000_000)
    parser.add_argument("--due", default="1000,50000")
    parser.add_argument("--endpoints", default="1,4,20,64,640,20000")
    parser.add_argument("--claims", type=int, default=300)
    parser.add_argument("--celery-rows", type=int, default=2000)
    parser.add_argument(
        "--hanging",
        type=int,
        default=640,
        help="endpoints that hang beside 20 healthy partners; 0: nothing hangs",
    )
    add_database(parser)
    add_json(parser)
    return parser.parse_args()


def main() -> None:
    """Fill, measure, print."""
    options = read_options()
    with ExitStack() as stack:
        server, redis = stack.enter_context(SERVERS[options.database]()), stack.enter_context(Redis())
        port = sink(stack)
        prepare(server.url)
        from benchmarks.backlog import Backlog

        begun = time.monotonic()
        most = max(int(number) for number in options.endpoints.split(","))
        backlog = Backlog(options.history, max(most, hanging.PARTNERS))
        print(f"{options.history} delivered notifications in {time.monotonic() - begun:.0f} s\n", flush=True)
        with Workers() as workers:
            cells = measure_cells(options, backlog, workers, port, (server.url, redis.url))
            hung = hanging.measure(backlog, workers, port, options.hanging) if options.hanging else {}
    write(options.json, {"history": options.history, "cells": cells, **hung})


if __name__ == "__main__":
    main()
