"""docs/states.md draws what the tables say."""

import re
from pathlib import Path

import pytest

from scanforpay_django.models import Order, Payment, Refund

TEXT = (Path(__file__).parents[2] / "docs" / "states.md").read_text()


@pytest.mark.parametrize(("heading", "model"), [("Order", Order), ("Payment", Payment), ("Refund", Refund)])
def test_the_drawing_is_the_table(heading: str, model: type) -> None:
    part = re.split(rf"^## {heading}\b", TEXT, flags=re.MULTILINE)[1]
    drawing = re.search(r"```mermaid\n(.*?)```", part, re.DOTALL)
    assert drawing
    drawn = re.findall(r"^ +(\w+) --> (\w+) :", drawing[1], re.MULTILINE)
    table = [(str(before), str(after)) for before, targets in model.TRANSITIONS.items() for after in targets]
    assert sorted(drawn) == sorted(table)
    assert {state for step in table for state in step} == set(model.State.values)
