"""Commit to first byte: ``python -m benchmarks.latency [--idle 100] [--busy 6000] [--seconds 15]``.

PostgreSQL, Redis and Celery (two processes) of its own, woken by the bell after each commit. Printed is the time from
the COMMIT to the merchant's first byte when idle (5 a second); what is reached from a backlog; and the same time at
half of that, committed by this process on the same machine, several messages in a transaction.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import django

from benchmarks.findings import percentile
from tests.chaos.services import ROOT, Group, Postgres, Redis, sink_process, wait_until

#: transactions a second at half load
COMMITS = 50


def main() -> None:
    """Both loads."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--idle", type=int, default=100)
    parser.add_argument("--busy", type=int, default=6000)
    parser.add_argument(
        "--rate", type=float, default=0.0, help="messages a second; default half of what was reached"
    )
    parser.add_argument("--seconds", type=float, default=15.0)
    options = parser.parse_args()
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        postgres, redis = stack.enter_context(Postgres()), stack.enter_context(Redis())
        origin = stack.enter_context(sink_process(directory / "journal"))
        os.environ |= {
            "DATABASE_URL": postgres.url, "REDIS_URL": redis.url, "PYTHONPATH": str(ROOT), "BENCH_VARIANT": "ours",
            "DJANGO_SETTINGS_MODULE": "benchmarks.project.settings",
        }  # fmt: skip
        django.setup()
        migrate = [sys.executable, "-m", "django", "migrate", "--run-syncdb", "-v0", "--skip-checks"]
        subprocess.run(migrate, check=True, cwd=ROOT)
        celery = [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "benchmarks.project.celery",
            "worker",
            "-c",
            "2",
            "-l",
            "error",
        ]
        group = Group(celery, env=dict(os.environ), log=directory / "log")
        group.start()
        stack.callback(group.kill)
        from benchmarks.project.celery import app  # noqa: F401 - the tasks' app

        load = Load(directory / "journal", origin)
        load.throughput(200)
        load.measure(options.idle, 5.0, 1, "idle")
        full = statistics.median(load.throughput(options.busy) for _ in range(3))
        print(f"from a backlog: {full:.0f} messages a second", flush=True)
        rate = options.rate or full / 2
        load.measure(int(rate * options.seconds), rate, max(1, round(rate / COMMITS)), "half load")


class Load:
    """Commits and what the sink saw of them."""

    def __init__(self, journal: Path, origin: str) -> None:
        from tests.chaos.events import seed

        self._journal, self._origin, self._stores = journal, origin, seed(64)
        self._made = 0

    def _arrived(self) -> int:
        return self._journal.read_bytes().count(b"\n")

    def prepare(self, number: int) -> list[Any]:
        """Rows, built before the clock starts."""
        from benchmarks.rows import prepared

        first, self._made = self._made, self._made + number
        return prepared(self._stores, [f"{self._origin}/n"], range(first, first + number))

    def commit(self, made: list[Any]) -> float:
        """In one transaction; the moment its COMMIT was begun."""
        from django.db import transaction

        from benchmarks.rows import save
        from scanforpay_django.merchant_notify.outbox import wake_worker

        with transaction.atomic():
            save(made)
            transaction.on_commit(wake_worker)
            return time.monotonic()

    def wait(self, seconds: float = 120) -> None:
        """Until all have arrived."""
        if not wait_until(lambda: self._arrived() >= self._made, seconds, pause=0.01):
            log = self._journal.with_name("log").read_text()[-2000:]
            raise SystemExit(f"{self._made - self._arrived()} have not arrived\n{log}")

    def throughput(self, number: int) -> float:
        """Messages a second that these two processes deliver from a backlog."""
        made = self.prepare(number)
        begun = self.commit(made)
        self.wait()
        return number / (time.monotonic() - begun)

    def measure(self, number: int, rate: float, at_once: int, name: str) -> dict[str, float]:
        """``number`` messages, ``at_once`` in each transaction, ``rate`` a second in all; milliseconds."""
        from tests.chaos.events import read_journal

        made, committed = self.prepare(number), {}
        begun = time.monotonic()
        for at in range(0, number, at_once):
            part = made[at : at + at_once]
            moment = self.commit(part)
            committed.update((message.message_id, moment) for _, message in part)
            time.sleep(max(0.0, begun + (at + at_once) / rate - time.monotonic()))
        reached = number / (time.monotonic() - begun)
        self.wait()
        arrived = {one.message_id: one.at for one in reversed(read_journal(self._journal))}
        waited = [1000 * (arrived[key] - moment) for key, moment in committed.items()]
        p50, p95, p99 = (percentile(waited, part) for part in (0.5, 0.95, 0.99))
        print(
            f"{name}, {reached:.0f} messages a second in {reached / at_once:.0f} commits: commit to first byte "
            f"p50 {p50:.1f} ms, p95 {p95:.1f} ms, p99 {p99:.1f} ms",
            flush=True,
        )
        return {"p50": p50, "p95": p95, "p99": p99}


if __name__ == "__main__":
    main()
