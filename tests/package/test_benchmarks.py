"""The benchmarks still run, and what they find becomes the table of goals."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

goals = pytest.importorskip("benchmarks.goals", reason="the source distribution has no benchmarks")
pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
SMALL = "--history 300 --due 50 --endpoints 1,4 --claims 5 --celery-rows 20 --hanging 0"


def test_a_small_delivery_fills_the_table(tmp_path: Path) -> None:
    place = tmp_path / "delivery"
    command = [sys.executable, "-m", "benchmarks.delivery", *SMALL.split(), "--json", str(place)]
    env = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(place.read_text())
    assert [(cell["endpoints"], cell["due"]) for cell in found["cells"]] == [(1, 50), (4, 50)]
    assert all(cell["rate"] > 0 and cell["celery"] > 0 and cell["claims"] >= 5 for cell in found["cells"])
    text = goals.table(goals.make_rows({"delivery": found}), "load 0.0")
    assert text.startswith("| goal | measured | met |")
    assert text.count("300 delivered notifications beside") == 3
