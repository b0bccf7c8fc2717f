"""Commit to first byte without a broker: ``python -m benchmarks.wake_up [--number 200] [--rate 5]``.

One ``manage.py scanforpay_worker``, first on a PostgreSQL of its own and then on an SQLite file. Printed is the time
from the COMMIT to the merchant's first byte, ``--rate`` a second in as many commits, and what processor time the worker
takes while nothing happens.
"""

import os
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path

import django

from benchmarks.findings import add_json, on_each_database, write
from benchmarks.latency import Load
from benchmarks.processes import processor_seconds
from tests.chaos.services import ROOT, Postgres, sink_process

IDLE_SECONDS = 20.0


def main() -> None:
    """Both databases, each in a process of its own."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--number", type=int, default=200)
    parser.add_argument("--rate", type=float, default=5.0)
    parser.add_argument("--database", choices=["postgresql", "sqlite"])
    add_json(parser)
    options = parser.parse_args()
    if options.database:
        write(options.json, measure(options.database, options.number, options.rate))
        return
    found = on_each_database("benchmarks.wake_up", "--number", options.number, "--rate", options.rate)
    write(options.json, {**found, "number": options.number})


def measure(name: str, number: int, rate: float) -> dict[str, float]:
    """On one database."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        is_sqlite = name == "sqlite"
        url = f"sqlite:///{directory}/db" if is_sqlite else stack.enter_context(Postgres()).url
        origin = stack.enter_context(sink_process(directory / "journal"))
        os.environ |= {
            "DATABASE_URL": url, "REDIS_URL": "", "PYTHONPATH": str(ROOT), "BENCH_VARIANT": "ours",
            "DJANGO_SETTINGS_MODULE": "benchmarks.project.settings",
        }  # fmt: skip
        django.setup()
        migrate = [sys.executable, "-m", "django", "migrate", "--run-syncdb", "-v0", "--skip-checks"]
        subprocess.run(migrate, check=True, cwd=ROOT)
        log = stack.enter_context((directory / "log").open("wb"))
        command = [sys.executable, "-m", "django", "scanforpay_worker"]
        worker = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        stack.callback(worker.wait)
        stack.callback(worker.terminate)
        load = Load(directory / "journal", origin)
        load.throughput(20)
        time.sleep(2)
        before = processor_seconds(worker.pid)
        time.sleep(IDLE_SECONDS)
        used = processor_seconds(worker.pid) - before
        print(f"{name}: {100 * used / IDLE_SECONDS:.1f}% of a core while nothing happens", flush=True)
        return {**load.measure(number, rate, 1, name), "idle": used / IDLE_SECONDS}


if __name__ == "__main__":
    main()
