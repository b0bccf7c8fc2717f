"""Many operations on the state of a migration at once."""

from typing import Any

from django.db import models
from django.db.migrations.operations import AddField, CreateModel
from django.db.migrations.state import ProjectState

from scanforpay_django.state_only import StateOnly


def test_models_are_rendered_when_they_are_needed() -> None:
    state: Any = ProjectState()
    CreateModel("Cup", [("id", models.BigAutoField(primary_key=True))]).state_forwards("shop", state)
    assert state.apps.get_model("shop", "Cup")
    rendered = state.apps
    operation = StateOnly([AddField("Cup", name, models.IntegerField(default=0)) for name in ("a", "b")])
    operation.state_forwards("shop", state)
    assert "apps" not in state.__dict__
    assert {"a", "b"} < {field.name for field in state.apps.get_model("shop", "Cup")._meta.fields}
    assert state.apps is not rendered


def test_it_is_written_as_it_was() -> None:
    operation = StateOnly([AddField("Cup", "a", models.IntegerField(default=0))])
    name, arguments, _keywords = operation.deconstruct()
    assert name == "StateOnly"
    assert arguments == [operation.state_operations]
    assert operation.database_operations == []
