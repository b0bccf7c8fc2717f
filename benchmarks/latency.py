"""Commit to first byte: ``python -m benchmarks.latency [--idle 100] [--busy 4000] [--rate 300]``.

PostgreSQL, Redis and Celery (two processes) of its own, woken by the bell after each commit. Printed is the time from
the COMMIT to the merchant's first byte, idle (5 a second) and under load.
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

import django

from tests.chaos.services import ROOT, Group, Postgres, Redis, sink_process, wait_until


def main() -> None:
    """Both loads."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--idle", type=int, default=100)
    parser.add_argument("--busy", type=int, default=4000)
    parser.add_argument("--rate", type=float, default=300.0)
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
        _measure(directory / "journal", origin, options.idle, 5.0, "idle")
        _measure(directory / "journal", origin, options.busy, options.rate, "loaded")


def _measure(journal: Path, origin: str, number: int, rate: float, name: str) -> None:
    from benchmarks.project.celery import app  # noqa: F401 - the tasks' app
    from scanforpay_django.models import Store
    from tests.chaos.events import Ledger, paid_order, read_journal, seed

    stores = list(Store.objects.select_related("partner")) or seed(64)
    ledger, made = Ledger(), len(read_journal(journal))
    first = Ledger()
    first.write(paid_order(stores[0], f"{origin}/n", 10**6 + made), roll_back=False)
    assert wait_until(lambda: len(read_journal(journal)) > made, 60)
    begun = time.monotonic()
    for at in range(number):
        ledger.write(paid_order(stores[at % 64], f"{origin}/n", made + at), roll_back=False)
        time.sleep(max(0.0, begun + (at + 1) / rate - time.monotonic()))
    reached = number / (time.monotonic() - begun)
    wait_until(lambda: len(read_journal(journal)) >= made + number + 1, 60)
    arrived = {one.message_id: one.at for one in reversed(read_journal(journal))}
    waited = sorted(1000 * (arrived[key] - at) for key, at in ledger.committed.items())
    p95, p99 = (waited[int(part * len(waited))] for part in (0.95, 0.99))
    print(
        f"{name}, {reached:.0f} commits a second: commit to first byte p50 {statistics.median(waited):.0f} ms, "
        f"p95 {p95:.0f} ms, p99 {p99:.0f} ms",
        flush=True,
    )


if __name__ == "__main__":
    main()
