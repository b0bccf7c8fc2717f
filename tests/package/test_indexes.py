"""Partial indexes, and what takes their place."""

from typing import Any

import pytest
from django.db import connection
from django.db.models import Q

from scanforpay_django.indexes import PartialIndex
from scanforpay_django.models import Order

INDEX = PartialIndex(
    fields=["expires_at"],
    mysql_fields=["state", "expires_at"],
    condition=Q(state="pending"),
    name="scanforpay_example",
)


@pytest.mark.django_db
@pytest.mark.parametrize("is_partial", [True, False])
def test_the_condition_or_its_columns(monkeypatch: pytest.MonkeyPatch, is_partial: bool) -> None:
    monkeypatch.setattr(connection.features, "supports_partial_indexes", is_partial)
    editor: Any = connection.schema_editor()
    statement = str(INDEX.create_sql(Order, editor)).replace("`", '"')
    assert ("WHERE" in statement) == (is_partial and connection.vendor != "mysql")
    columns = '("expires_at")' if is_partial else '("state", "expires_at")'
    assert columns in statement


def test_a_migration_makes_the_same_again() -> None:
    assert INDEX.clone() == INDEX
    path, _arguments, keywords = INDEX.deconstruct()
    assert path == "scanforpay_django.indexes.PartialIndex"
    assert keywords["mysql_fields"] == ["state", "expires_at"]
