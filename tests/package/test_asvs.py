"""docs/asvs.md: every test that it names is there, and its tables add up."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from scanforpay_django.conf import DEFAULT_WALLETS, PRODUCTION
from scanforpay_django.wallets.registry import find_wallet_class

pytestmark = pytest.mark.sqlite
ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "scanforpay_django"
PAGE = (ROOT / "docs" / "asvs.md").read_text(encoding="utf-8")
ANSWERS = ("met", "the project", "does not apply", "not met")
#: requirements of levels 1 and 2 in version 5.0.0. Source: the CSV file that the page names.
LEVELS = {"1": 70, "2": 183}
NUMBER = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")


class Row(NamedTuple):
    """A requirement as the page has it."""

    number: str
    level: str
    in_short: str
    answer: str
    how: str


def read_cells(section: str) -> list[list[str]]:
    """The cells of a section's tables, heads included."""
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]


def read_section(heading: str) -> str:
    """What stands between a heading and the next one."""
    return PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]


CHAPTERS = {
    title: [Row(*cells) for cells in read_cells(read_section(title)) if NUMBER.fullmatch(cells[0])]
    for title in re.findall(r"^## (V[0-9]+ .+)$", PAGE, re.MULTILINE)
}
ROWS = [row for rows in CHAPTERS.values() for row in rows]
#: the lines of a chapter's tests, each with the number that it is for
TESTS = {
    title: [
        line.partition(" ")[::2]
        for line in re.findall(r"^[0-9]+\.[0-9].*$", read_section(title), re.MULTILINE)
    ]
    for title in CHAPTERS
}


@cache
def read_tests(path: str) -> set[str]:
    """The test functions of a file below tests/; none where it is not there."""
    file = ROOT / "tests" / path
    tree = ast.parse(file.read_text(encoding="utf-8") if file.exists() else "")
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_test_that_is_named_is_there() -> None:
    named = [name for lines in TESTS.values() for _number, name in lines]
    assert len(named) > 100
    pairs = [name.partition("::") for name in named]
    assert [path + mark + name for path, mark, name in pairs if name not in read_tests(path)] == []


def test_tests_follow_the_rows_of_their_table() -> None:
    for title, lines in TESTS.items():
        order = [row.number for row in CHAPTERS[title]]
        places = [order.index(number) for number, _name in lines]
        assert places == sorted(places)
        assert len(set(lines)) == len(lines)


def test_every_requirement_is_answered_in_one_of_four_words() -> None:
    assert [row.number for row in ROWS if row.answer not in ANSWERS or not row.how] == []
    assert [row.number for row in ROWS if not 1 <= len(row.in_short.split()) <= 10] == []
    assert {level: sum(row.level == level for row in ROWS) for level in LEVELS} == LEVELS
    assert len(ROWS) == sum(LEVELS.values())


def test_numbers_are_in_order_each_in_its_chapter() -> None:
    numbers = [tuple(map(int, row.number.split("."))) for row in ROWS]
    assert numbers == sorted(set(numbers))
    assert [title.split()[0] for title in CHAPTERS] == [f"V{number}" for number in range(1, 18)]
    assert [
        row.number
        for title, rows in CHAPTERS.items()
        for row in rows
        if not row.number.startswith(f"{title.split()[0][1:]}.")
    ] == []


def count(rows: list[Row]) -> list[str]:
    levels = [sum(row.level == level for row in rows) for level in LEVELS]
    return [str(number) for number in (*levels, *(sum(row.answer == one for row in rows) for one in ANSWERS))]


def test_the_summary_counts_the_rows() -> None:
    head = "\n| chapter | level 1 | level 2 | " + " | ".join(ANSWERS) + " |\n"
    summary = read_cells(PAGE.split(head)[1].split("\n\n")[0])
    told = {re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", name): numbers for name, *numbers in summary}
    assert told == {**{title: count(rows) for title, rows in CHAPTERS.items()}, "all": count(ROWS)}


def imports_cryptography(file: Path) -> bool:
    """Whether it imports a library that hashes, signs or encrypts."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return bool(found & {"hashlib", "hmac", "cryptography"})


def test_the_inventory_names_every_module_with_cryptography() -> None:
    """The sandbox protects nothing, as the page says."""
    files = [file.relative_to(PACKAGE) for file in PACKAGE.rglob("*.py") if imports_cryptography(file)]
    modules = [".".join(file.with_suffix("").parts) for file in files if file.parts[0] != "sandbox"]
    last = "".join(cells[-1] for cells in read_cells(read_section("Keys and algorithms")))
    named = [name for name in re.findall(r"`([\w.]+)`", last) if name != "SECRET_KEY"]
    assert sorted(named) == sorted(modules)


def test_the_connections_name_every_platforms_host() -> None:
    hosts = set()
    for wallet in DEFAULT_WALLETS:
        backend = find_wallet_class(wallet)
        assert backend is not None
        hosts |= {url.split("/")[2] for url in backend.hosts[PRODUCTION].values()}
    named = set(re.findall(r"`([\w-]+(?:\.[\w-]+)+)`", read_section("What it connects to")))
    assert len(hosts) > 5
    assert named == hosts
