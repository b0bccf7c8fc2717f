"""A platform's payment notification over HTTP: ``python -m benchmarks.settling [--rounds 7] [--calls 600]``.

WeChat Pay's signed and sealed notifications, made before the clock starts, against gunicorn with two workers, first on
a PostgreSQL of its own and then on an SQLite file. In turn: a bare view (signature, seal, one UPDATE by the ORM), a
plain transaction by hand (one lock, two UPDATEs, three INSERTs into the same tables), ours, and ours while another
process links what is new into the chain once a second (a worker does so every 15 seconds); then the same notifications
once more for the bare view and ours.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from typing import Any

import django

from benchmarks.calls import environment, manage, shop_environment
from benchmarks.findings import add_json, load_text, on_each_database, write
from benchmarks.load import run
from benchmarks.server import Server, serve
from tests.chaos.services import ROOT, Postgres

BARE, PLAIN, OURS = "bare view: signature, seal, one UPDATE", "plain transaction by hand", "ours"
CHAINED = f"{OURS}, the chain written beside"
REPEATS = {BARE: f"{BARE}, repeated", OURS: f"{OURS}, repeated"}


def is_accepted(answer: bytes) -> bool:
    """Whether the platform may stop repeating it."""
    return b'"SUCCESS"' in answer


@contextmanager
def linking(python: str, env: dict[str, str]) -> Iterator[None]:
    """A process that has linked all rows so far, and goes on with what is new."""
    process = subprocess.Popen(
        [python, "-m", "benchmarks.linking"], env=env, cwd=ROOT, stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"linked\n"
        yield
    finally:
        process.terminate()
        process.wait()


class Measured:
    """One database: a server for each variant, and the rates of each round."""

    def __init__(self, stack: ExitStack, python: str, env: dict[str, str]) -> None:
        from benchmarks.shops.platform import Platform

        self._platform = Platform()
        paths = {
            BARE: "/settle/bare",
            PLAIN: "/settle/plain",
            OURS: self._platform.path,
            CHAINED: self._platform.path,
        }
        self._linking = (python, env)
        self._variants: dict[str, tuple[Server, str]] = {
            name: (serve(stack, python, env), path) for name, path in paths.items()
        }
        self.rates: dict[str, list[float]] = {name: [] for name in [*paths, *REPEATS.values()]}
        self.statements = {name: self._platform.count(path) for name, path in paths.items()}
        for name, again in REPEATS.items():
            self.statements[again] = self._platform.count(paths[name], is_repeat=True)

    def turn(self, calls: int, *, is_kept: bool) -> None:
        """All in turn, each with payments of its own. The first turn warms up."""
        for name, (server, path) in self._variants.items():
            requests = self._platform.notifications(path, calls)
            with linking(*self._linking) if name == CHAINED else nullcontext():
                first = run(server, name, requests, is_accepted).rate
            self._platform.check_paid(path, calls)
            if is_kept:
                self.rates[name].append(first)
            if name in REPEATS:
                again = run(server, REPEATS[name], requests, is_accepted).rate
                if is_kept:
                    self.rates[REPEATS[name]].append(again)

    def ratio(self, name: str, base: str) -> float:
        """The median of the rounds' ratios."""
        pairs = zip(self.rates[name], self.rates[base], strict=True)
        return statistics.median(one / other for one, other in pairs)

    def found(self) -> dict[str, Any]:
        """What the table of goals needs."""
        return {
            "to_plain": self.ratio(OURS, PLAIN),
            "to_bare": self.ratio(OURS, BARE),
            "repeats": self.ratio(REPEATS[OURS], REPEATS[BARE]),
            "chained": self.ratio(CHAINED, OURS),
            "rates": {name: statistics.median(found) for name, found in self.rates.items()},
            "load": load_text(),
        }

    def show(self, database: str) -> None:
        """A table."""
        print(f"\n{database}, {load_text()}\n")
        print(
            "| variant | statements | notifications a second, median | of the bare view | of the transaction |"
        )
        print("|---|---|---|---|---|")
        for name, found in self.rates.items():
            base = REPEATS[BARE] if name in REPEATS.values() else BARE
            to_plain = "" if name in REPEATS.values() else f"{self.ratio(name, PLAIN):.2f}"
            rounds = ", ".join(f"{one:.0f}" for one in found)
            print(
                f"| {name} | {self.statements[name]} | {statistics.median(found):.0f} ({rounds}) | "
                f"{self.ratio(name, base):.2f} | {to_plain} |"
            )


def measure(database: str, options: Namespace) -> dict[str, Any]:
    """On one database."""
    python = environment()
    with ExitStack() as stack:
        if database == "sqlite":
            directory = stack.enter_context(tempfile.TemporaryDirectory())
            url = f"sqlite:///{directory}/db.sqlite3"
        else:
            url = stack.enter_context(Postgres()).url
        env = shop_environment(url)
        manage(python, env, "django", "migrate", "--run-syncdb", "-v0")
        os.environ |= env
        django.setup()
        measured = Measured(stack, python, env)
        for turn in range(options.rounds + 1):
            measured.turn(options.calls, is_kept=turn > 0)
            print(f"round {turn} of {options.rounds}", file=sys.stderr, flush=True)
        measured.show(database)
        return measured.found()


def main() -> None:
    """Both databases, each in a process of its own."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--calls", type=int, default=600)
    parser.add_argument("--database", choices=["postgresql", "sqlite"])
    add_json(parser)
    options = parser.parse_args()
    if options.database:
        write(options.json, measure(options.database, options))
        return
    rounds = ("--rounds", options.rounds, "--calls", options.calls)
    write(options.json, on_each_database("benchmarks.settling", *rounds))


if __name__ == "__main__":
    main()
