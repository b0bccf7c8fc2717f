"""The pay pages beside a plain template view: ``python -m benchmarks.pages [--rounds 9] [--calls 300]``.

Starts a PostgreSQL of its own and one gunicorn with one worker; a request for each page and one for its plain sister in
turn, one after the other over one kept connection. The QR code is drawn before (a process keeps it), and the payment is
open.
"""

import http.client
import json
import os
import statistics
import subprocess
import sys
import time
from argparse import ArgumentParser
from contextlib import ExitStack
from typing import Any

from benchmarks.calls import environment
from benchmarks.server import serve
from tests.chaos.services import ROOT, Postgres


def seconds(connection: http.client.HTTPConnection, path: str, headers: dict[str, str]) -> float:
    """One page, from the request to its last byte. Raises when it is no page."""
    begun = time.perf_counter()
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    spent = time.perf_counter() - begun
    if answer.status != 200 or b"</html>" not in body:
        raise SystemExit(f"{path}: {answer.status}")
    return spent


def p50s(connection: http.client.HTTPConnection, page: dict[str, Any], calls: int) -> tuple[float, float]:
    """Milliseconds of the plain view and of ours, request by request in turn: what else the machine does hits both."""
    pairs = [
        [seconds(connection, page[which], page["headers"]) * 1000 for which in ("bare", "path")]
        for _ in range(calls)
    ]
    plain, ours = (statistics.median(column) for column in zip(*pairs, strict=True))
    return plain, ours


def measure(port: int, pages: list[dict[str, Any]], rounds: int, calls: int) -> None:
    """All pages in turn, round after round; then a table."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    figures: dict[str, list[tuple[float, float]]] = {page["name"]: [] for page in pages}
    for turn in range(rounds + 1):
        for page in pages:
            pair = p50s(connection, page, calls)
            # The first turn warms up.
            if turn:
                figures[page["name"]].append(pair)
        print(f"round {turn} of {rounds}", file=sys.stderr, flush=True)
    print("| page | statements | plain view, p50 | ours, p50 | ratio | rounds |\n|---|---|---|---|---|---|")
    for page in pages:
        show(page, figures[page["name"]])


def show(page: dict[str, Any], found: list[tuple[float, float]]) -> None:
    """A line of the table."""
    ratios = [ours / plain for plain, ours in found]
    plain, ours = (statistics.median(column) for column in zip(*found, strict=True))
    rounds = ", ".join(f"{ratio:.2f}" for ratio in ratios)
    print(
        f"| {page['name']} | {page['queries']} | {plain:.2f} ms | {ours:.2f} ms | "
        f"{statistics.median(ratios):.2f} | {rounds} |"
    )


def main() -> None:
    """Seed, serve, measure."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--calls", type=int, default=300)
    options = parser.parse_args()
    python = environment()
    with ExitStack() as stack:
        base = stack.enter_context(Postgres())
        env = {**os.environ, "DATABASE_URL": base.url, "REDIS_URL": "", "PYTHONPATH": str(ROOT)}
        env["DJANGO_SETTINGS_MODULE"] = "benchmarks.pay_pages.settings"
        subprocess.run([python, "-m", "django", "migrate", "-v0"], check=True, env=env, cwd=ROOT)
        seeded = subprocess.run(
            [python, "-m", "benchmarks.pay_pages.seed"], check=True, env=env, cwd=ROOT, stdout=subprocess.PIPE
        )
        server = serve(stack, python, env, workers=1)
        measure(server.port, json.loads(seeded.stdout), options.rounds, options.calls)


if __name__ == "__main__":
    main()
