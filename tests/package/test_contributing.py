"""What CONTRIBUTING.md names is there, and the workflow runs what .ci/run runs."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`((?:scanforpay_django|tests|docs|\.ci)/[\w./-]*)`|\]\(([\w./-]+)\)", CONTRIBUTING)


@pytest.mark.parametrize("path", sorted({code or link for code, link in NAMED}))
def test_what_is_named_is_there(path: str) -> None:
    assert (ROOT / path).exists()


def test_the_table_names_the_first_file_of_ten_changes() -> None:
    _before, _heading, table = CONTRIBUTING.partition("| a change of | starts in |")
    first = [row.split("|")[2].strip() for row in table.splitlines()[2:12]]
    assert len(first) == 10
    assert all(re.search(r"`(scanforpay_django|docs)/[\w./-]+\.(py|html|md)`", cell) for cell in first)


def test_the_light_extra_has_no_browser_and_no_other_client() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    names = {re.match(r"[\w-]+", requirement)[0] for requirement in extras["dev"]}
    assert names & {"playwright", "axe-playwright-python", "schemathesis", "wechatpayv3"} == set()
    assert {"pytest", "ruff", "mypy"} <= names


def test_the_workflow_runs_what_the_ci_runs() -> None:
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    assert "- run: bash .ci/run\n" in workflow
