"""Which key a segment is under."""

from typing import Any

import pytest

from scanforpay_django.models import ChainLink, Store
from scanforpay_django.operations.chain.segment_keys import is_true, read_segments
from tests.operations.chain.attacker import unguarded
from tests.operations.chain.chained import audit, link, sql, trade
from tests.operations.figures.calendar import store

__all__ = ["store", "unguarded"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_each_segment_has_its_own(store: Store, settings: Any) -> None:
    trade(store, 1)
    link()
    settings.SCANFORPAY_CHAIN_KEYS = ["another one"]
    link()
    segments = read_segments()
    assert sorted(segments) == [1, 2]
    assert segments[1].key != segments[2].key
    assert all(is_true(one, segments) for one in ChainLink.objects.all())
    settings.SCANFORPAY_CHAIN_KEYS = []
    segments = read_segments()
    assert segments[2].key is None
    assert [is_true(one, segments) for one in ChainLink.objects.filter(segment=2)] == [False]


def test_a_statement_by_somebody_else_takes_no_segment_s_place(store: Store, unguarded: None) -> None:
    trade(store, 1)
    link()
    last = ChainLink.objects.last_link().number
    sql(
        "INSERT INTO scanforpay_chainlink (number, segment, act, kind, row_pk, last_pk, linked_at, content, mac)"
        f" SELECT {last + 1}, segment, act, kind, {last + 1}, last_pk, linked_at, '{{\"columns\": 5}}', mac"
        " FROM scanforpay_chainlink WHERE number = 1"
    )
    sql("UPDATE scanforpay_orderevent SET actor = 'x'")
    found = audit()
    assert found[0].startswith(f"key-missing: segment 1, from link {last + 1}")
    assert [line.rpartition(": ")[2] for line in found[1:]] == ["actor"] * (len(found) - 1)
    assert len(found) > 1
