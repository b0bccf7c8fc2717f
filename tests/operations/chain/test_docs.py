"""The code of docs/chain.md does what stands there."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import get_commands

from scanforpay_django.models import ChainLink, OrderEvent, Store
from scanforpay_django.operations.chain.finding import MEANINGS
from scanforpay_django.operations.chain.open_chain import decode
from tests.operations.chain.chained import audit, link, trade
from tests.operations.figures.calendar import store

__all__ = ["store"]
pytestmark = pytest.mark.django_db(transaction=True)

TEXT = (Path(__file__).parents[3] / "docs" / "chain.md").read_text(encoding="utf-8")
DELETION, RECOVERY = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)


def run(code: str, **names: Any) -> None:
    exec(compile(code, "docs/chain.md", "exec"), names)


def test_rows_that_are_deleted_by_hand_and_said_to_the_chain(store: Store) -> None:
    trade(store, 1)
    OrderEvent.objects.update(at="2019-01-01T00:00Z")
    link()
    run(DELETION)
    assert not OrderEvent.objects.exists()
    assert audit() == []


def test_a_recovery_that_is_begun(store: Store) -> None:
    trade(store, 1)
    link()
    last = ChainLink.objects.last_link()
    run(RECOVERY, last_root=f"{last.number}:{last.mac}")
    assert decode(ChainLink.objects.newest_statement("segment").content)["by"] == "Wang Fang"
    link()
    assert audit() == []


def test_each_finding_is_explained() -> None:
    assert [code for code in MEANINGS if f"`{code}" not in TEXT] == []


def test_its_commands_are_there() -> None:
    named = set(re.findall(r"manage\.py (scanforpay_\w+)", TEXT))
    assert named <= get_commands().keys()
