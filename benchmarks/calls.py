"""The merchant API's hot calls beside others: ``python -m benchmarks.calls [--rounds 9] [--calls 1200]``.

Starts a PostgreSQL of its own, makes an environment with the peers under ``build/``, and one gunicorn with two
workers for each variant; all variants in turn, round after round.
"""

import os
import statistics
import subprocess
import sys
import uuid
import venv
from argparse import ArgumentParser
from collections.abc import Callable
from contextlib import ExitStack

from benchmarks.load import create_body, rate
from tests.chaos.services import ROOT, Postgres, free_port, listens, wait_until

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
    ("the same through DRF", "/drf/create"),
    ("lookups, transaction, duplicate check", "/five/create"),
    ("django-payments 4.1.0", "/payments/create"),
    ("django-getpaid 2.3.0", "/getpaid/create"),
    ("ours: create in full", "/api/jspay/create"),
)
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


def serve(stack: ExitStack, python: str, env: dict[str, str], *, workers: int = 2) -> int:
    """A gunicorn; its port."""
    port = free_port()
    command = [python, "-m", "gunicorn", "benchmarks.shops.wsgi", "--workers", str(workers)]
    # A worker of kind "sync" closes the connection after every answer.
    command += ["--worker-class", "gthread", "--threads", "1", "--keep-alive", "60"]
    command += ["--bind", f"127.0.0.1:{port}", "--log-level", "warning"]
    process = subprocess.Popen(command, cwd=ROOT, env=env)
    stack.callback(process.wait)
    stack.callback(process.terminate)
    assert wait_until(lambda: listens(port), 30)
    return port


def new_order() -> dict[str, object]:
    """A create call's body."""
    return create_body(f"p{uuid.uuid4().hex[:24]}")


def query_of(number: str) -> Callable[[], dict[str, object]]:
    """The same query again and again."""
    return lambda: {"partnerOrderNo": number}


def show(title: str, figures: dict[str, list[float]]) -> None:
    """A table: the median of every variant, and the median of its rounds' ratios to the first."""
    first = next(iter(figures.values()))
    print(f"\n{title}\n\n| variant | calls a second, median | of the first | rounds |\n|---|---|---|---|")
    for name, found in figures.items():
        ratios = [one / base for one, base in zip(found, first, strict=True)]
        rounds = ", ".join(f"{ratio:.2f}" for ratio in ratios)
        print(f"| {name} | {statistics.median(found):.0f} | {statistics.median(ratios):.2f} | {rounds} |")


def main() -> None:
    """All rounds, then both tables."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--calls", type=int, default=1200)
    options = parser.parse_args()
    python = environment()
    with ExitStack() as stack:
        base = stack.enter_context(Postgres())
        env = {**os.environ, "DATABASE_URL": base.url, "REDIS_URL": "", "PYTHONPATH": str(ROOT)}
        env["DJANGO_SETTINGS_MODULE"] = "benchmarks.shops.settings"
        subprocess.run(
            [python, "-m", "django", "migrate", "--run-syncdb", "-v0"], check=True, env=env, cwd=ROOT
        )
        subprocess.run([python, "-m", "benchmarks.shops.seed"], check=True, env=env, cwd=ROOT)
        ports = {path: serve(stack, python, env) for _name, path in CREATES + QUERIES}
        one = create_body(f"q{uuid.uuid4().hex[:24]}")
        for path in ("/bare/create", "/api/jspay/create"):
            rate(ports[path], path, 1, lambda: one)
        number = str(one["partnerOrderNo"])
        creates: dict[str, list[float]] = {name: [] for name, _path in CREATES}
        queries: dict[str, list[float]] = {name: [] for name, _path in QUERIES}
        for turn in range(options.rounds + 1):
            for table, variants, body_of in (
                (creates, CREATES, new_order),
                (queries, QUERIES, query_of(number)),
            ):
                for name, path in variants:
                    found = rate(ports[path], path, options.calls, body_of)
                    # The first turn warms up.
                    if turn:
                        table[name].append(found)
            print(f"round {turn} of {options.rounds}", file=sys.stderr, flush=True)
        show("Create", creates)
        show("payQuery", queries)


if __name__ == "__main__":
    main()
