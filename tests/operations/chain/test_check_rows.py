"""Whatever is changed behind the back of the app is named, by row and column."""

import pytest

from scanforpay_django.models import Store
from scanforpay_django.operations.chain import check_rows as module
from tests.conftest import EVERY_CASE
from tests.operations.chain.attacker import Attacker, unguarded
from tests.operations.chain.chained import audit, link, pass_on, sql, trade
from tests.operations.figures.calendar import At, at, store

__all__ = ["at", "store", "unguarded"]
pytestmark = pytest.mark.django_db(transaction=True)

CASES = 1000 if EVERY_CASE else 50


def test_every_edit_deletion_and_insertion_is_named(
    store: Store, at: At, unguarded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", 30)
    at("2026-11-27 10:00")
    trade(store, CASES // 2)
    # Keys that were never used: of transactions that were rolled back.
    for table in ("scanforpay_orderevent", "scanforpay_notificationattempt"):
        sql(f"DELETE FROM {table} WHERE id IN (3, 5, 8, 13)")
    link()
    pass_on(at, "2026-11-27 10:20", "2026-11-27 10:40")
    assert audit() == []
    attacker = Attacker(seed=19)
    for _number in range(CASES):
        attacker.act()
    assert len(attacker.done) == CASES
    assert sorted(audit()) == sorted(attacker.done.values())


def test_a_row_at_the_end_is_linked_as_if_it_were_real(store: Store, at: At) -> None:
    """What the chain cannot tell: the other checks of the audit look at it."""
    at("2026-11-27 10:00")
    trade(store, 1)
    link()
    sql(
        "INSERT INTO scanforpay_orderevent (order_id, at, from_state, to_state, source, actor, request_id, data)"
        " SELECT order_id, at, from_state, to_state, source, actor, request_id, data FROM scanforpay_orderevent"
    )
    link()
    assert audit() == []
