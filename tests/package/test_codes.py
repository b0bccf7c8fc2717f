"""Result codes: the exceptions, the client, the OpenAPI document and the docs' table have the enum's, and no others."""

import re
from pathlib import Path

import pytest
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext

from scanforpay_django import client
from scanforpay_django.codes import REFUSALS, Code

ROOT = Path(__file__).parents[2]

NUMBERS = re.compile(r"\d+(?: to \d+)?(?=[,:])")


def test_the_client_knows_every_code() -> None:
    assert set(client.ERRORS) == set(REFUSALS)


def test_the_clients_errors_name_their_codes() -> None:
    named: dict[int, set[str]] = {}
    for kind in set(client.ERRORS.values()):
        for match in NUMBERS.findall(str(kind.__doc__) + ":"):
            first, _to, last = match.partition(" to ")
            for number in range(int(first), int(last or first) + 1):
                named.setdefault(number, set()).add(kind.__name__)
    assert named == {code: {kind.__name__} for code, kind in client.ERRORS.items()}


def test_the_openapi_document_lists_what_a_refusal_may_answer() -> None:
    code = Client().get("/api/schema/").json()["components"]["schemas"]["Refusal"]["properties"]["code"]
    assert code["enum"] == list(REFUSALS)
    assert code["description"].splitlines() == [f"- {one.value}: {one.text}" for one in REFUSALS]


def test_the_docs_table_has_a_row_for_every_code() -> None:
    _before, _heading, section = (ROOT / "docs" / "merchant-api.md").read_text().partition("\n## Codes\n")
    rows = re.findall(r"^\| (\d+) \| (.+) \|$", section, re.MULTILINE)
    assert [int(number) for number, _meaning in rows] == list(Code)


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant", "ja"])
def test_every_text_is_translated(language: str) -> None:
    with translation.override(language):
        assert [code for code in REFUSALS if gettext(code.text) == code.text] == []
