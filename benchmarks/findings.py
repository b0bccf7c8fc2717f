"""What a benchmark found, for ``python -m benchmarks`` to put into one table."""

import json
import math
import os
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def add_json(parser: ArgumentParser) -> None:
    """The option ``--json``."""
    parser.add_argument("--json", type=Path, help="write the figures there as JSON")


def write(path: Path | None, found: dict[str, Any]) -> None:
    """To a file, if one is wanted."""
    if path is not None:
        path.write_text(json.dumps(found, indent=1))


def percentile(found: Sequence[float], part: float) -> float:
    """The smallest of the values that ``part`` of them do not exceed."""
    return sorted(found)[max(0, math.ceil(part * len(found)) - 1)]


def load_text() -> str:
    """The machine's load, for what else it does changes every figure."""
    return f"load {os.getloadavg()[0]:.1f}"
