"""More processes: ``python -m benchmarks.growth [--history 200000] [--due 20000] [--calls 1500]``.

Deliveries a second with 1, 2 and 4 ``scanforpay_worker``, and create calls and platform notifications a second with 1
and 2 web processes, each against one PostgreSQL on the same machine as the load: the figures stop growing where the
machine's cores are full. ``docs/growth.md`` plans from them.
"""

import os
import statistics
import subprocess
import sys
import uuid
from argparse import ArgumentParser, Namespace
from contextlib import ExitStack

import django

from benchmarks.calls import environment, manage, shop_environment
from benchmarks.claim import prepare
from benchmarks.delivery import ours
from benchmarks.findings import load_text
from benchmarks.load import create_body, envelope, http, is_code_1, run
from benchmarks.merchants import sink
from benchmarks.server import serve
from benchmarks.settling import is_accepted
from benchmarks.workers import Workers
from tests.chaos.services import ROOT, Postgres

ENDPOINTS = 64
WORKERS, WEB_PROCESSES, ROUNDS = (1, 2, 4), (1, 2), 3


def measure_workers(options: Namespace) -> None:
    """Deliveries a second."""
    with ExitStack() as stack:
        postgres = stack.enter_context(Postgres())
        port = sink(stack)
        prepare(postgres.url)
        from benchmarks.backlog import Backlog

        backlog = Backlog(options.history, ENDPOINTS)
        print("| scanforpay_worker | deliveries a second, median | rounds | |\n|---|---|---|---|", flush=True)
        for number in WORKERS:
            with Workers(number) as workers:
                found = [ours(backlog, workers, ENDPOINTS, options.due, port) for _ in range(ROUNDS)]
            rounds = ", ".join(f"{one:.0f}" for one in found)
            print(f"| {number} | {statistics.median(found):.0f} | {rounds} | {load_text()} |", flush=True)


def measure_web(options: Namespace) -> None:
    """Create calls and notifications a second."""
    python = environment()
    with ExitStack() as stack:
        env = shop_environment(stack.enter_context(Postgres()).url)
        manage(python, env, "django", "migrate", "--run-syncdb", "-v0")
        os.environ |= env
        django.setup()
        from benchmarks.shops.platform import Platform

        platform = Platform()
        print("| web processes | create a second | platform's notifications a second | |\n|---|---|---|---|")
        for number in WEB_PROCESSES:
            server = serve(stack, python, env, workers=number)
            creates, notices = [], []
            for _ in range(ROUNDS + 1):
                bodies = [create_body(f"p{uuid.uuid4().hex[:24]}") for _ in range(options.calls)]
                calls = [http("/api/jspay/create", envelope(body)) for body in bodies]
                creates.append(run(server, "create", calls, is_code_1).rate)
                messages = platform.notifications(platform.path, options.calls)
                notices.append(run(server, "notification", messages, is_accepted).rate)
            # The first round warms up.
            made, told = statistics.median(creates[1:]), statistics.median(notices[1:])
            print(f"| {number} | {made:.0f} | {told:.0f} | {load_text()} |", flush=True)


def main() -> None:
    """Each part in a process of its own."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--history", type=int, default=200_000)
    parser.add_argument("--due", type=int, default=20_000)
    parser.add_argument("--calls", type=int, default=1500)
    parser.add_argument("--part", choices=["workers", "web"])
    options = parser.parse_args()
    if options.part:
        (measure_workers if options.part == "workers" else measure_web)(options)
        return
    for part in ("workers", "web"):
        command = [sys.executable, "-m", "benchmarks.growth", "--part", part]
        arguments = [
            "--history", str(options.history), "--due", str(options.due), "--calls", str(options.calls),
        ]  # fmt: skip
        subprocess.run([*command, *arguments], check=True, cwd=ROOT)


if __name__ == "__main__":
    main()
