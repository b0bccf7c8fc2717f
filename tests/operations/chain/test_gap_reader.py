"""A gap counts while it is what was written."""

import pytest

from scanforpay_django.models import OrderEvent, Store
from scanforpay_django.models.database import atomic
from scanforpay_django.operations.chain.gap_reader import GapReader
from scanforpay_django.operations.chain.gaps import record_erasure, record_removal, record_return
from scanforpay_django.operations.chain.segment_keys import read_segments
from tests.operations.chain.attacker import unguarded
from tests.operations.chain.chained import audit, link, sql, trade
from tests.operations.figures.calendar import store

__all__ = ["store", "unguarded"]
pytestmark = pytest.mark.django_db(transaction=True)


def reader() -> GapReader:
    return GapReader("event", read_segments())


def test_what_was_said_last_counts(store: Store) -> None:
    trade(store, 1)
    link()
    with atomic():
        record_removal({OrderEvent: [1, 2, 9], Store: [5]}, "test")
        record_return({OrderEvent: [2]}, "test")
        record_removal({OrderEvent: []}, "nothing")
    assert reader().find_removed([1, 2, 3, 9]) == {1, 9}
    assert reader().find_removed([]) == set()
    record_erasure(OrderEvent, "actor", [], "nothing")
    record_erasure(OrderEvent, "actor", [1, 3], "asked for by the payer")
    assert reader().find_erased([1, 2]) == {(1, "actor")}


def test_a_column_that_may_be_empty_is_not_named_and_another_value_is(store: Store) -> None:
    trade(store, 1)
    OrderEvent.objects.update(actor="a payer")
    link()
    pks = list(OrderEvent.objects.values_list("pk", flat=True))
    OrderEvent.objects.update(actor="")
    assert len(audit()) == len(pks)
    record_erasure(OrderEvent, "actor", pks, "asked for by the payer")
    assert audit() == []
    OrderEvent.objects.update(actor="b")
    assert len(audit()) == len(pks)


def test_a_gap_that_was_changed_counts_no_more(store: Store, unguarded: None) -> None:
    trade(store, 1)
    link()
    record_removal({OrderEvent: [1]}, "test")
    record_removal({OrderEvent: [2]}, "test")
    changed = (
        """UPDATE scanforpay_chainlink SET content = REPLACE(content, '"1"', '"1-9"') WHERE act = 'removed'"""
    )
    sql(changed)
    assert reader().find_removed([1, 2, 3]) == {2}
    sql("""UPDATE scanforpay_chainlink SET content = '{"keys":"x"}' WHERE act = 'removed'""")
    assert reader().find_removed([1, 2, 3]) == set()
