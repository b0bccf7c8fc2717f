"""The goals, and what the benchmarks found, in one table."""

import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import django

from benchmarks.bills import MOST_MEBIBYTES, MOST_SECONDS
from benchmarks.findings import load_text
from tests.chaos.services import program

#: a goal of deliveries a second holds for one fast endpoint and for so many or more
MANY_ENDPOINTS = 20


@dataclass(frozen=True, kw_only=True)
class Row:
    """One goal."""

    goal: str
    # with the shape it was measured in
    measured: str
    is_met: bool


def _shape(cell: dict[str, Any]) -> str:
    return f"{cell['endpoints']} endpoint{'s' * (cell['endpoints'] > 1)}, {cell['due']} due"


def _cells(found: dict[str, Any]) -> list[Row]:
    cells, beside = found["cells"], f"{found['history']} delivered notifications beside"
    slowest_claim = max(cells, key=lambda cell: cell["p99"])
    fast = [cell for cell in cells if cell["endpoints"] == 1 or cell["endpoints"] >= MANY_ENDPOINTS]
    slowest = min(fast, key=lambda cell: cell["rate"])
    weakest = min(cells, key=lambda cell: cell["rate"] / cell["celery"])
    times = weakest["rate"] / weakest["celery"]
    return [
        Row(
            goal="claim: p99 below 20 ms in every cell",
            measured=f"the slowest: {slowest_claim['p99']:.1f} ms over {slowest_claim['claims']} claims with "
            f"{_shape(slowest_claim)}, {beside}",
            is_met=slowest_claim["p99"] < 20,
        ),
        Row(
            goal="at least 2,000 deliveries a second with 1 fast endpoint and with 20 or more, in every cell",
            measured=f"the slowest: {slowest['rate']:.0f} a second with {_shape(slowest)}, two workers, {beside}",
            is_met=slowest["rate"] >= 2000,
        ),
        Row(
            goal="at least 6 times the best tuned Celery task in every cell",
            measured=f"the weakest: {times:.1f} times ({weakest['rate']:.0f} and {weakest['celery']:.0f} a second) "
            f"with {_shape(weakest)}, {beside}",
            is_met=times >= 6,
        ),
    ]


def _hanging(found: dict[str, Any]) -> list[Row]:
    if "held" not in found:
        return []
    return [
        Row(
            goal="an endpoint that hangs holds at most 4 sends",
            measured=f"{found['held']} at a time, of 500 due, two workers",
            is_met=found["held"] <= 4,
        ),
        Row(
            goal="nothing new after the first overdue answer (1 s)",
            measured=f"{found['after']} new, of an endpoint that began to hang with {found['in_flight']} in flight "
            f"({found['before']} came within that second), two workers",
            is_met=found["after"] == 0,
        ),
        _beside_hanging(found, "hanging endpoints", ("beside", "later")),
        _beside_hanging(found, "names that are never resolved", ("names", "names_later")),
    ]


def _beside_hanging(found: dict[str, Any], what: str, names: tuple[str, str]) -> Row:
    slowest = max(found[name] for name in names)
    return Row(
        goal=f"20 healthy partners are delivered within 2 s beside 640 {what} of one partner",
        measured=f"all 20 after {slowest:.2f} s beside {found['hanging']} with 5 due each, "
        "two workers (the slower of: due together, due 3 s later)",
        is_met=slowest <= 2 and found["hanging"] >= 640,
    )


def _settling(found: dict[str, Any]) -> list[Row]:
    rows = []
    for name, goal, least in (
        ("to_plain", "a plain correct transaction by hand", 0.9),
        ("to_bare", "a bare view", 0.3),
        ("repeats", "a bare view, for repeats", 0.7),
    ):
        for database, one in found.items():
            rows.append(
                Row(
                    goal=f"settling: at least {least} of {goal} ({database})",
                    measured=f"{one[name]:.2f}, notifications over HTTP, two gunicorn workers, 16 connections",
                    is_met=one[name] >= least,
                )
            )
    return rows


def _overload(found: dict[str, Any]) -> list[Row]:
    answered = found["accepted"] + found["refused"]
    return [
        Row(
            goal="notifications at four times what can be applied: the accepted ones within 4 s, 503 for the others",
            measured=f"{found['accepted']} accepted, the slowest after {found['slowest']:.2f} s, {found['refused']} "
            f"answered with 503, {found['sent'] - answered} without an answer, at {found['times']:.1f} times "
            f"{found['capacity']:.0f} a second for {found['seconds']:.0f} s, two gunicorn workers",
            is_met=found["slowest"] <= 4 and answered == found["sent"] and found["times"] >= 4,
        )
    ]


def _statements(one: dict[str, Any]) -> str:
    return f"{one['statements']} statement{'s' * (one['statements'] > 1)}"


def _calls(found: dict[str, Any]) -> list[Row]:
    create, query = found["create"][-1], found["payQuery"][-1]
    beside = f"two gunicorn workers, 16 connections, {found['history']} orders beside"
    return [
        Row(
            goal="create: at least 0.83 of a bare view",
            measured=f"{create['ratio']:.2f} ({create['rate']:.0f} a second, {_statements(create)}), {beside}",
            is_met=create["ratio"] >= 0.83,
        ),
        Row(
            goal="payQuery: at least 1.06 of a bare view",
            measured=f"{query['ratio']:.2f} ({query['rate']:.0f} a second, {_statements(query)}), {beside}",
            is_met=query["ratio"] >= 1.06,
        ),
        Row(
            goal="a web worker holds less than 85 MB",
            measured=f"{found['megabytes']:.0f} MB after 100 create calls",
            is_met=found["megabytes"] < 85,
        ),
    ]


def _wake_up(found: dict[str, Any]) -> list[Row]:
    return [
        Row(
            goal=f"wake-up: p50 below 10 ms, p95 below 30 ms ({database})",
            measured=f"p50 {one['p50']:.1f} ms, p95 {one['p95']:.1f} ms, of {found['number']} commits, one worker, "
            "nothing else due",
            is_met=one["p50"] < 10 and one["p95"] < 30,
        )
        for database, one in found.items()
        if isinstance(one, dict)
    ]


def _bills(found: dict[str, Any]) -> list[Row]:
    return [
        Row(
            goal=f"a bill of 1,000,000 lines from its file to compared in 25 s and 96 MiB ({database})",
            measured=f"{one['seconds']:.1f} s ({one['reading_seconds']:.1f} to read it, {one['comparing_seconds']:.1f} "
            f"to compare it, {one['processor_seconds']:.1f} of our processor) and "
            f"{one['mebibytes']:.0f} MiB for {one['lines']} lines",
            is_met=one["seconds"] < MOST_SECONDS
            and one["mebibytes"] < MOST_MEBIBYTES
            and one["lines"] >= 10**6,
        )
        for database, one in found.items()
    ]


MAKERS = {
    "delivery": (_cells, _hanging),
    "settling": (_settling,),
    "overload": (_overload,),
    "calls": (_calls,),
    "wake_up": (_wake_up,),
    "bills": (_bills,),
}


def make_rows(found: dict[str, dict[str, Any]]) -> list[Row]:
    """The goals of the benchmarks that ran, by name."""
    return [row for name, one in found.items() for make in MAKERS.get(name, ()) for row in make(one)]


def table(rows: Sequence[Row], load_before: str) -> str:
    """As Markdown, with when and on what."""
    lines = ["| goal | measured | met |", "|---|---|---|"]
    lines += [f"| {row.goal} | {row.measured} | {'yes' if row.is_met else '**no**'} |" for row in rows]
    versions = f"Python {platform.python_version()}, Django {django.get_version()}, PostgreSQL {_postgresql_version()}"
    lines += ["", f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC; {versions}; {os.cpu_count()} cores."]
    lines += [f"The machine had {load_before} before and {load_text()} at the end."]
    return "\n".join(lines) + "\n"


def _postgresql_version() -> str:
    done = subprocess.run([program("postgres"), "--version"], capture_output=True, text=True, check=True)
    return done.stdout.split()[2]
