"""The bill of materials that SECURITY.md says how to write has each package that this one requires."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.sqlite]
ROOT = Path(__file__).parents[2]
SAID = re.search(
    r"^cyclonedx-py (.*) --output-file \S+ \S+$", (ROOT / "SECURITY.md").read_text(), re.MULTILINE
)


def normalise(name: str) -> str:
    """As package indexes compare names."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_it_has_each_requirement_with_its_version() -> None:
    assert SAID
    command = [sys.executable, "-m", "cyclonedx_py", *SAID[1].split(), sys.executable]
    bill = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert bill["bomFormat"] == "CycloneDX"
    versions = {normalise(one["name"]): one.get("version") for one in bill["components"]}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = {normalise(re.match(r"[\w.-]+", need)[0]) for need in project["dependencies"]}
    assert {"django", "requests"} <= needed
    assert {name for name in needed if not versions.get(name)} == set()
