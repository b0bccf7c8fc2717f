"""docs/testing-a-shop.md, deploy.md and runbook.md name commands, files, services and variables that there are."""

import re
import shlex
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from scanforpay_django.operations.grading.grade import CASES

ROOT = Path(__file__).parents[2]
PAGES = {
    name: (ROOT / "docs" / name).read_text() for name in ("testing-a-shop.md", "deploy.md", "runbook.md")
}
SETTINGS = (ROOT / "deploy" / "project" / "payments" / "settings.py").read_text()
COMMAND = re.compile(r"manage\.py ([a-z_]+)([^`\n]*)")
#: what the environment says for other programs: compose.yaml's database
NOT_READ = {"POSTGRES_PASSWORD"}


def commands() -> list[str]:
    """The commands of blocks and of lines, as they stand there."""
    found = [
        f"{one[1]}{one[2]}".partition("  #")[0] for page in PAGES.values() for one in COMMAND.finditer(page)
    ]
    return sorted({command.strip() for command in found})


@pytest.mark.parametrize("command", commands())
def test_a_command_takes_these_arguments(command: str) -> None:
    name, *arguments = shlex.split(command)
    made = load_command_class(get_commands()[name], name)
    if arguments:
        made.create_parser("manage.py", name).parse_args(arguments)


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", PAGES[name])
    assert [target for target in targets if not (ROOT / "docs" / target).exists()] == []


def test_services_are_those_of_compose() -> None:
    composed = (ROOT / "compose.yaml").read_text()
    named = re.findall(r"docker compose (?:exec|run --rm|logs|up -d) ([a-z]+)", "\n".join(PAGES.values()))
    assert {"web", "worker", "migrate"} <= set(named)
    assert all(f"\n  {service}:\n" in composed for service in named)


def test_the_table_has_every_variable() -> None:
    read = set(re.findall(r'(?:environ(?:\.get)?[\[(]|read_list\(|read_required\()"([A-Z_]+)"', SETTINGS))
    rows = re.findall(r"^\| ((?:`[A-Z_]+`(?:, )?)+) \|", PAGES["deploy.md"], re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == read
    example = (ROOT / "deploy" / "env.example").read_text()
    assert set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE)) <= read | NOT_READ


def test_the_report_is_as_it_is_printed() -> None:
    page = PAGES["testing-a-shop.md"]
    number, title = re.findall(r"^(\d+)\. WRONG  (.*)$", page, re.MULTILINE)[0]
    case = CASES[int(number) - 1]
    assert case.title == title
    assert f"Why it matters:   {case.why}\n" in page
    assert f"What to change:   {case.change}\n" in page
    assert f" 1. right  {CASES[0].title}\n" in page
