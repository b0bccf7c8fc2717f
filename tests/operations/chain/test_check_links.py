"""A link that was changed, removed or added is named."""

import pytest

from scanforpay_django.models import ChainLink, Store
from scanforpay_django.operations.chain import check_links as module
from tests.operations.chain.attacker import unguarded
from tests.operations.chain.chained import audit, link, pass_on, sql, trade
from tests.operations.figures.calendar import At, at, store

__all__ = ["at", "store", "unguarded"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_no_link_can_be_changed_removed_or_added(
    store: Store, at: At, unguarded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", 7)
    at("2026-11-27 10:00")
    trade(store, 9)
    link()
    pass_on(at, "2026-11-27 10:20", "2026-11-27 10:40")
    chosen = list(ChainLink.objects.filter(kind="event").order_by("number"))
    edits = [("content", "'AAAA'"), ("mac", "'00'"), ("linked_at", "'2020-02-02 02:02:02'")]
    for number, (column, other) in enumerate(edits):
        sql(f"UPDATE scanforpay_chainlink SET {column} = {other} WHERE number = {chosen[number].number}")
    sql("DELETE FROM scanforpay_chainlink WHERE number = %s", chosen[5].number)
    last = ChainLink.objects.order_by("number").last()
    sql(
        "INSERT INTO scanforpay_chainlink (number, segment, act, kind, row_pk, last_pk, linked_at, content, mac)"
        " SELECT number + 1, segment, 'removed', 'event', 1, 10000, linked_at, '{\"keys\": \"1-10000\"}', mac"
        f" FROM scanforpay_chainlink WHERE number = {last.number}"
    )
    sql("DELETE FROM scanforpay_orderevent WHERE id = %s", chosen[6].row_pk)
    assert audit() == [
        *[f"link-changed: link {chosen[number].number} (row: event {chosen[number].row_pk})" for number in range(3)],
        f"link-missing: link {chosen[5].number}",
        f"link-changed: link {last.number + 1} (removed: event 1)",
        f"row-changed: order event {chosen[0].row_pk}, link {chosen[0].number}: the link says nothing of its columns",
        f"row-inserted: order event {chosen[5].row_pk}",
        f"row-removed: order event {chosen[6].row_pk}, link {chosen[6].number}",
    ]  # fmt: skip


def test_links_before_the_first_are_named(store: Store, at: At, unguarded: None) -> None:
    at("2026-11-27 10:00")
    trade(store, 1)
    link()
    sql(
        "INSERT INTO scanforpay_chainlink (number, segment, act, kind, row_pk, last_pk, linked_at, content, mac)"
        " SELECT number - 3, segment, act, kind, row_pk, last_pk, linked_at, content, mac"
        " FROM scanforpay_chainlink WHERE number = 1"
    )
    assert audit() == ["link-changed: link -2 (segment)"]
