"""All goals at once: ``python -m benchmarks [--full | --quick] [--out FILE]``.

With 1,000,000 orders it takes less than 30 minutes on 2 quiet cores; --full has 5,000,000, --quick 20,000 and fewer
rounds: its figures only show that everything still runs. Ends with one table, which --out writes as Markdown.
"""

import json
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from benchmarks.findings import load_text
from benchmarks.goals import make_rows, table
from tests.chaos.services import ROOT

#: benchmark -> its arguments; {history} is the number of orders
RUNS = {
    "calls": "--rounds 7 --calls 1200 --history {history}",
    "settling": "--rounds 7 --calls 600",
    "delivery": "--history {history}",
    "overload": "--times 4 --seconds 10",
    "wake_up": "--number 200",
    "pages": "--rounds 3 --calls 200",
    "bills": "--lines 1000000",
}
QUICK = {
    "calls": "--rounds 1 --calls 200 --history {history}",
    "settling": "--rounds 1 --calls 100",
    "delivery": "--history {history} --due 1000 --endpoints 1,20,640 --claims 40 --celery-rows 300",
    "overload": "--times 4 --seconds 4",
    "wake_up": "--number 20",
    "pages": "--rounds 1 --calls 20",
    "bills": "--lines 20000",
}


def read_options() -> Namespace:
    """The command line."""
    parser = ArgumentParser(description=__doc__)
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--full", action="store_true", help="5,000,000 orders")
    size.add_argument("--quick", action="store_true", help="20,000 orders, some minutes")
    parser.add_argument("--only", default="", help="benchmarks, with commas between them")
    parser.add_argument("--out", type=Path, help="write the table there as Markdown")
    return parser.parse_args()


def run(name: str, arguments: str, directory: Path) -> dict[str, Any]:
    """One benchmark in a process of its own; what it found, nothing when it failed."""
    print(f"\n# {name} ({load_text()})\n", flush=True)
    begun, place = time.monotonic(), directory / name
    command = [sys.executable, "-m", f"benchmarks.{name}", *arguments.split()]
    if name != "pages":
        command += ["--json", str(place)]
    if subprocess.run(command, check=False, cwd=ROOT).returncode:
        print(f"\n{name} FAILED", flush=True)
        return {}
    print(f"\n{name} took {time.monotonic() - begun:.0f} s", flush=True)
    return dict(json.loads(place.read_text())) if place.exists() else {"printed": True}


def main() -> None:
    """Run them, then the table."""
    options, load_before = read_options(), load_text()
    history = 20_000 if options.quick else 5_000_000 if options.full else 1_000_000
    runs = QUICK if options.quick else RUNS
    chosen = options.only.split(",") if options.only else list(runs)
    with tempfile.TemporaryDirectory() as directory:
        found = {name: run(name, runs[name].format(history=history), Path(directory)) for name in chosen}
    failed = [name for name, one in found.items() if not one]
    text = table(make_rows({name: one for name, one in found.items() if one}), load_before)
    if failed:
        text += f"\nThese failed, and have no row: {', '.join(failed)}.\n"
    print(f"\n{text}")
    if options.out:
        options.out.write_text(text)
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
