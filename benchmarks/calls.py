"""The merchant API's hot calls beside others: ``python -m benchmarks.calls [--rounds 9] [--history 1000000]``.

Starts a PostgreSQL of its own, makes an environment with the peers under ``build/``, and one gunicorn with two
workers for each variant; all variants in turn, round after round.
"""

import json
import os
import statistics
import subprocess
import sys
import uuid
import venv
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any

import psycopg

from benchmarks.findings import add_json, write
from benchmarks.load import LEAST_CALLS, create_body, envelope, http, run
from benchmarks.processes import resident_megabytes
from benchmarks.server import serve
from tests.chaos.services import ROOT, Postgres

INSTALLED = (
    "django>=5.2,<5.3",
    "django-payments==4.1.0",
    "gunicorn==27.0.1",
    # what django-getpaid needs
    "django-fsm==2.8.2",
    "django-model-utils==4.5.1",
    "pendulum>=2",
    "swapper==1.5.0",
)
# It asks for typing-extensions 3, which psycopg cannot live with: installed without its dependencies.
ALONE = "django-getpaid==2.3.0"
CREATES = (
    ("bare Django view: JSON, SHA-256, one ORM INSERT", "/bare/create"),
    ("the same through DRF, ModelSerializer: it looks for the two unique columns first", "/drf/create"),
    ("the same through DRF, a plain Serializer", "/drf-plain/create"),
    ("lookups, transaction, duplicate check", "/five/create"),
    ("django-payments 4.1.0", "/payments/create"),
    ("django-getpaid 2.3.0", "/getpaid/create"),
    ("ours: create in full", "/api/jspay/create"),
)
#: of one variant in one round: more calls say no more
MAX_TURN_SECONDS = 4
QUERIES = (
    ("bare Django view: JSON, SHA-256, one indexed SELECT", "/bare/query"),
    ("ours: payQuery", "/api/common/payQuery"),
)


def environment() -> str:
    """The Python of an environment with this house and the peers."""
    place = ROOT / "build" / "bench-calls"
    python = place / "bin" / "python"
    if not (place / "ready").exists():
        venv.create(place, with_pip=True, clear=True)
        install = [str(python), "-m", "pip", "install", "-q"]
        subprocess.run([*install, *INSTALLED, "-e", f"{ROOT}[demo]"], check=True)
        subprocess.run([*install, "--no-deps", ALONE], check=True)
        (place / "ready").touch()
    return str(python)


def new_order() -> dict[str, object]:
    """A create call's body."""
    return create_body(f"p{uuid.uuid4().hex[:24]}")


def show(title: str, table: Sequence[Mapping[str, Any]]) -> None:
    """A table: the median of every variant, and the median of its rounds' ratios to the first."""
    print(f"\n{title}\n")
    print("| variant | statements | new sessions in a round | calls a second, median | of the first |")
    print("|---|---|---|---|---|")
    for row in table:
        print(
            f"| {row['name']} | {row['statements']} | {row['sessions']} | {row['rate']:.0f} | {row['ratio']:.2f} "
            f"({', '.join(f'{ratio:.2f}' for ratio in row['ratios'])}) |"
        )


class Variants:
    """All of them, each with its gunicorn, and what was measured."""

    def __init__(self, stack: ExitStack, python: str, env: dict[str, str], url: str) -> None:
        self._servers = {path: serve(stack, python, env) for _name, path in CREATES + QUERIES}
        self._connection = stack.enter_context(psycopg.connect(url, autocommit=True))
        self._rates: dict[str, list[float]] = {path: [] for path in self._servers}
        self._sessions: dict[str, int] = {}
        self._limits: dict[str, int] = {}
        one = f"q{uuid.uuid4().hex[:24]}"
        for path in ("/bare/create", "/api/jspay/create"):
            run(self._servers[path], path, [http(path, envelope(create_body(one)))])
        # A row to copy for each.
        for _name, path in CREATES:
            run(self._servers[path], path, [http(path, envelope(new_order()))])
        self._query = {"partnerOrderNo": one}

    def _requests(self, path: str, calls: int) -> list[bytes]:
        is_query = path in [query for _name, query in QUERIES]
        bodies = (self._query if is_query else new_order() for _ in range(calls))
        return [http(path, envelope(body)) for body in bodies]

    def turn(self, calls: int, *, is_kept: bool) -> None:
        """All in turn. The first turn warms up, and finds out how many calls of each fit into one: django-payments
        looks through its whole table for each, as its tokens have no index.
        """
        for path, server in self._servers.items():
            number = min(calls, self._limits.get(path, LEAST_CALLS))
            requests, before = self._requests(path, number), self._count_sessions()
            found = run(server, path, requests)
            if not is_kept:
                self._limits[path] = max(LEAST_CALLS, int(found.rate * MAX_TURN_SECONDS))
            if is_kept:
                self._rates[path].append(found.rate)
                self._sessions[path] = self._count_sessions() - before

    def _count_sessions(self) -> int:
        found = self._connection.execute(
            "SELECT sessions FROM pg_stat_database WHERE datname = current_database()"
        ).fetchone()
        return int(found[0]) if found else 0

    def table(self, variants: Sequence[tuple[str, str]], counted: Mapping[str, int]) -> list[dict[str, Any]]:
        """A row for each variant."""
        first = self._rates[variants[0][1]]
        rows = []
        for name, path in variants:
            found = self._rates[path]
            ratios = [one / base for one, base in zip(found, first, strict=True)]
            rows.append(
                {
                    "name": name,
                    "statements": counted[path],
                    "sessions": self._sessions[path],
                    "rate": statistics.median(found),
                    "ratio": statistics.median(ratios),
                    "ratios": ratios,
                }
            )
        return rows


def worker_megabytes(stack: ExitStack, python: str, env: dict[str, str]) -> float:
    """The memory of a web worker that has not loaded the peers, after a hundred calls."""
    server = serve(stack, python, {**env, "BENCH_WITHOUT_PEERS": "1"}, workers=1)
    path = "/api/jspay/create"
    run(server, path, [http(path, envelope(new_order())) for _ in range(100)])
    return max(resident_megabytes(pid) for pid in server.spent())


def manage(python: str, env: dict[str, str], *arguments: str) -> str:
    """What a module printed that was run in the peers' environment."""
    command = [python, "-m", *arguments]
    return subprocess.run(command, check=True, env=env, cwd=ROOT, stdout=subprocess.PIPE, text=True).stdout


def shop_environment(url: str) -> dict[str, str]:
    """What the shops' project needs to run on that database."""
    env = {**os.environ, "DATABASE_URL": url, "REDIS_URL": "", "PYTHONPATH": str(ROOT)}
    return {**env, "DJANGO_SETTINGS_MODULE": "benchmarks.shops.settings"}


def read_options() -> Namespace:
    """The command line."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--calls", type=int, default=1200)
    parser.add_argument("--history", type=int, default=0, help="orders in every variant's table before")
    add_json(parser)
    return parser.parse_args()


def main() -> None:
    """All rounds, then both tables."""
    options, python = read_options(), environment()
    with ExitStack() as stack:
        url = stack.enter_context(Postgres()).url
        env = shop_environment(url)
        manage(python, env, "django", "migrate", "--run-syncdb", "-v0")
        manage(python, env, "benchmarks.shops.seed")
        megabytes = worker_megabytes(stack, python, env)
        variants = Variants(stack, python, env, url)
        if options.history:
            manage(python, env, "benchmarks.shops.fill", str(options.history))
        paths = [path for _name, path in CREATES + QUERIES]
        counted = json.loads(manage(python, env, "benchmarks.statements", *paths))
        for turn in range(options.rounds + 1):
            variants.turn(options.calls, is_kept=turn > 0)
            print(f"round {turn} of {options.rounds}", file=sys.stderr, flush=True)
        creates, queries = variants.table(CREATES, counted), variants.table(QUERIES, counted)
    show("Create", creates)
    show("payQuery", queries)
    print(f"\nA web worker holds {megabytes:.0f} MB after 100 calls.")
    write(
        options.json,
        {"history": options.history, "create": creates, "payQuery": queries, "megabytes": megabytes},
    )


if __name__ == "__main__":
    main()
