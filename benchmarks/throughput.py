"""Throughput beside the peers: ``python -m benchmarks.throughput [--rounds 5] [--only ours,plain]``.

Starts a PostgreSQL, a Redis and a sink of its own, makes environments with the peers in ``build/``, and runs all
variants in turn, round after round.
"""

import os
import statistics
import subprocess
import venv
from argparse import ArgumentParser
from contextlib import ExitStack

from benchmarks.merchants import sink
from tests.chaos.services import ROOT, Postgres, Redis

ENDPOINTS = 64
PEERS = {"first": "django-webhook==0.0.15", "second": "django-webhook2==0.11.0"}
#: name, variant, environment, rows a round
VARIANTS = (
    ("ours, everything on", "ours", "first", 8000),
    ("plain Celery task, requests.post, as shipped", "plain", "first", 600),
    ("plain Celery task, tuned: connections reused, one Session", "plain-tuned", "first", 1500),
    ("django-webhook 0.0.15, as shipped", "peer", "first", 500),
    ("django-webhook2 0.11.0, connections reused", "peer-tuned", "second", 1000),
)


def environment(name: str) -> str:
    """The Python of an environment with this house and one peer."""
    place = ROOT / "build" / f"bench-{name}"
    python = place / "bin" / "python"
    if not (place / "ready").exists():
        venv.create(place, with_pip=True, clear=True)
        install = [
            str(python),
            "-m",
            "pip",
            "install",
            "-q",
            "django>=5.2,<5.3",
            "-e",
            f"{ROOT}[demo]",
            PEERS[name],
        ]
        subprocess.run(install, check=True)
        (place / "ready").touch()
    return str(python)


def main() -> None:
    """All rounds, then the medians and their ratios."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    chosen = [one for one in VARIANTS if not options.only or one[1] in options.only.split(",")]
    figures: dict[str, list[float]] = {name: [] for name, *_ in chosen}
    with ExitStack() as stack:
        redis, port = stack.enter_context(Redis()), sink(stack)
        bases = {place: stack.enter_context(Postgres()) for place in {one[2] for one in chosen}}
        for place, base in bases.items():
            env = {**os.environ, "DATABASE_URL": base.url, "REDIS_URL": redis.url, "PYTHONPATH": str(ROOT)}
            env["DJANGO_SETTINGS_MODULE"] = "benchmarks.project.settings"
            migrate = [environment(place), "-m", "django", "migrate", "--run-syncdb", "-v0"]
            subprocess.run(migrate, check=True, env=env, cwd=ROOT)
        for number in range(options.rounds):
            for name, variant, place, rows in chosen:
                env = {
                    **os.environ,
                    "DATABASE_URL": bases[place].url, "REDIS_URL": redis.url, "PYTHONPATH": str(ROOT),
                }  # fmt: skip
                command = [
                    environment(place),
                    "-m",
                    "benchmarks.round",
                    variant,
                    str(rows),
                    str(port),
                    str(ENDPOINTS),
                ]
                done = subprocess.run(command, check=False, env=env, cwd=ROOT, capture_output=True, text=True)
                if done.returncode:
                    raise SystemExit(done.stderr)
                figures[name].append(float(done.stdout.split()[-1]))
                print(f"round {number + 1}: {name}: {figures[name][-1]:.0f}/s", flush=True)
    medians = {name: statistics.median(found) for name, found in figures.items()}
    ours = medians[VARIANTS[0][0]]
    for name, median in medians.items():
        print(f"{name}: median {median:.0f}/s; ours is {ours / median:.1f} times that")


if __name__ == "__main__":
    main()
