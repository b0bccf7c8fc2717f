"""Indexes: none that another one answers for as well, and each with its reason."""

import re
from pathlib import Path

import pytest
from django.db import connection

import scanforpay_django

INDEXES = """\
SELECT t.relname, i.relname, pg_get_indexdef(i.oid)
FROM pg_index x
JOIN pg_class i ON i.oid = x.indexrelid
JOIN pg_class t ON t.oid = x.indrelid
WHERE t.relname LIKE 'scanforpay\\_%'
  AND t.relname NOT LIKE 'scanforpay\\_sandbox%'
ORDER BY 1, 2
"""


def indexes() -> dict[str, list[tuple[str, list[str], str]]]:
    """Of each table the name, the columns and the condition of every index."""
    with connection.cursor() as cursor:
        cursor.execute(INDEXES)
        rows = cursor.fetchall()
    found: dict[str, list[tuple[str, list[str], str]]] = {}
    for table, name, definition in rows:
        columns, _where, condition = definition.partition(" USING btree (")[2].partition(" WHERE ")
        found.setdefault(table, []).append((name, columns.strip().rstrip(")").split(", "), condition))
    return found


@pytest.mark.django_db
@pytest.mark.postgres
def test_no_index_is_the_beginning_of_another_one() -> None:
    doubled = [
        f"{name} is the beginning of {other}"
        for of_table in indexes().values()
        for name, columns, condition in of_table
        for other, more, its_condition in of_table
        if name != other and not condition and not its_condition and more[: len(columns)] == columns
    ]
    assert doubled == []


@pytest.mark.django_db
@pytest.mark.postgres
def test_tables_that_grow_have_no_second_index_for_like() -> None:
    """Django makes one for each unique text; what is written by the million pays for both."""
    growing = (
        "order",
        "payment",
        "refund",
        "notification",
        "platformnotification",
        "orderevent",
        "seenrequest",
    )
    doubled = []
    for model in growing:
        firsts = [columns[0] for _name, columns, _condition in indexes()[f"scanforpay_{model}"]]
        doubled += [
            f"{model}.{first}"
            for first in firsts
            if " varchar_pattern_ops" in first and first.partition(" ")[0] in firsts
        ]
    assert doubled == []


def test_each_index_says_what_it_is_for() -> None:
    """In a comment above it."""
    silent = []
    for path in sorted((Path(scanforpay_django.__file__).parent / "models").glob("*.py")):
        lines = path.read_text(encoding="utf-8").splitlines()
        silent += [
            f"{path.name}:{number + 1}"
            for number, line in enumerate(lines)
            if re.match(r"\s*(models\.Index|PartialIndex)\(", line)
            and not re.match(r"\s*#", lines[number - 1])
        ]
    assert silent == []
