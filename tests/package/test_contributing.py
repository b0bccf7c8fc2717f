"""What CONTRIBUTING.md names is there, and the workflow runs what .ci/run runs."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
_before, _heading, _after = CONTRIBUTING.partition("## Ten likely changes\n")
TABLE = [
    [cell.strip() for cell in row.split("|")[1:-1]]
    for row in _after.lstrip().split("\n\n")[0].splitlines()[2:]
]
LINKS = re.findall(r"\]\((?!http)([\w./-]+)\)", CONTRIBUTING)


def test_what_is_linked_is_there() -> None:
    assert [link for link in LINKS if not (ROOT / link).exists()] == []


def test_the_table_names_the_first_file_of_ten_changes() -> None:
    first = [re.search(r"`([\w/-]+\.(?:py|html))`", starts_in)[1] for _change, starts_in, _then in TABLE]
    assert len(first) == 10
    assert [path for path in first if not (ROOT / "scanforpay_django" / path).exists()] == []


def test_the_light_extra_has_no_browser_and_no_other_client() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    names = {re.match(r"[\w-]+", requirement)[0] for requirement in extras["dev"]}
    assert names & {"playwright", "axe-playwright-python", "schemathesis", "wechatpayv3"} == set()
    assert {"pytest", "ruff", "mypy"} <= names


def test_the_workflow_names_actions_by_their_commits() -> None:
    """A tag may be moved to other code; the version stands beside for people."""
    workflow = (ROOT / ".github" / "workflows" / "tests.yml").read_text()
    used = re.findall(r"uses: (.*)", workflow)
    assert used
    assert [one for one in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one)] == []


def test_the_workflow_runs_what_the_ci_runs() -> None:
    workflow = (ROOT / ".github" / "workflows" / "tests.yml").read_text()
    assert "- run: bash .ci/run\n" in workflow
