"""The tables of docs/compared.md say what its code and that of docs/quickstart.md add up to."""

import re
from pathlib import Path

import pytest

recipe = pytest.importorskip("benchmarks.compared.recipe", reason="the source distribution has no benchmarks")
pytestmark = pytest.mark.sqlite

PAGE = Path(__file__).parents[2] / "docs" / "compared.md"
ROWS = {"files": "files written or added to"}


def table(heading: str) -> dict[str, list[str]]:
    """Its rows, by their first cell."""
    lines = PAGE.read_text().split(f"\n| {heading} |")[1].split("\n\n")[0].splitlines()[2:]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0]: row[1:] for row in rows}


@pytest.mark.parametrize(
    ("heading", "later"),
    [("to the first paid order", False), ("with the shop's own order marked as paid", True)],
)
def test_the_table_adds_up(heading: str, later: bool) -> None:
    rows = table(heading)
    for column, name in enumerate(("django-payments", "django-getpaid", "scanforpay_django")):
        told = [block for block in recipe.told_by(name) if later or not block.later]
        counted = recipe.counts(told)
        said = {what: rows[ROWS.get(what, what)][column] for what in counted if ROWS.get(what, what) in rows}
        assert {"commands", "models", "lines of code"} <= set(said)
        assert said == {what: str(counted[what]) for what in said}


def test_every_block_names_its_file() -> None:
    """What GitHub shows is what the script reads."""
    found = re.findall(r"^```(\w.*)$", PAGE.read_text().split("\n## django-payments\n")[1], re.MULTILINE)
    assert len(found) > 10
    assert all(len(words.split()) >= 2 for words in found)
