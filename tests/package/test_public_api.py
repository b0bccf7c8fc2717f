"""docs/api.md states the public API: a name or an argument that goes, comes or changes makes this fail."""

import importlib
import re
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.urls import get_resolver

from tests.package.public_api import DOCS, FIELDS_OF_ROWS, MODULES, blocks, make_block

ROOT = Path(__file__).parents[2]
PAGE = DOCS.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", MODULES)
def test_the_page_says_what_the_module_has(path: str) -> None:
    assert make_block(path) == blocks(PAGE).get(path), (
        "python -m tests.package.public_api writes what is meant"
    )


def test_the_page_has_these_modules_and_no_others() -> None:
    assert list(blocks(PAGE)) == list(MODULES)


def test_every_field_of_a_row_that_the_page_promises_is_there() -> None:
    for name, fields in FIELDS_OF_ROWS.items():
        row = getattr(importlib.import_module("scanforpay_django.models"), name)
        stored = {one.name for one in row._meta.get_fields()}
        assert [field for field in fields if field not in stored and not hasattr(row, field)] == []


def listed(heading: str) -> list[str]:
    """The names in code of a heading's list."""
    part = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)[1]
    return re.findall(r"^- `([\w.:-]+)`", part, re.MULTILINE)


def test_the_commands_and_addresses_are_those_of_the_app() -> None:
    apps = ("scanforpay_django", "scanforpay_django.sandbox")
    assert listed("Commands") == sorted(name for name, app in get_commands().items() if app in apps)
    _prefix, resolver = get_resolver().namespace_dict["scanforpay"]
    names = {name for name in resolver.reverse_dict if isinstance(name, str)}
    assert listed("Addresses") == sorted(f"scanforpay:{name}" for name in names - {"unknown-call"})
