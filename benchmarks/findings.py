"""What a benchmark found, for ``python -m benchmarks`` to put into one table."""

import json
import math
import os
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.chaos.services import ROOT


def add_json(parser: ArgumentParser) -> None:
    """The option ``--json``."""
    parser.add_argument("--json", type=Path, help="write the figures there as JSON")


def write(path: Path | None, found: dict[str, Any]) -> None:
    """To a file, if one is wanted."""
    if path is not None:
        path.write_text(json.dumps(found, indent=1))


def on_each_database(module: str, *arguments: object) -> dict[str, Any]:
    """What a benchmark with ``--database`` and ``--json`` found on PostgreSQL and on SQLite, each in a process of its
    own: Django is set up once in a process.
    """
    found = {}
    with tempfile.TemporaryDirectory() as directory:
        for name in ("postgresql", "sqlite"):
            place = Path(directory) / name
            command = [sys.executable, "-m", module, "--database", name, "--json", str(place)]
            subprocess.run([*command, *map(str, arguments)], check=True, cwd=ROOT)
            found[name] = json.loads(place.read_text())
    return found


def percentile(found: Sequence[float], part: float) -> float:
    """The smallest of the values that ``part`` of them do not exceed."""
    return sorted(found)[max(0, math.ceil(part * len(found)) - 1)]


def load_text() -> str:
    """The machine's load, for what else it does changes every figure."""
    return f"load {os.getloadavg()[0]:.1f}"
