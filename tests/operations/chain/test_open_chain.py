"""Appending: numbers without a gap, each link under the key of its segment."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from scanforpay_django.models import ChainLink, OrderEvent, Store
from scanforpay_django.operations.chain import open_chain as module
from scanforpay_django.operations.chain.covered import BY_KIND
from scanforpay_django.operations.chain.open_chain import decode, encode, open_chain
from tests.operations.chain.chained import audit, link, links, trade
from tests.operations.figures.calendar import store

__all__ = ["store"]
pytestmark = pytest.mark.django_db


def test_the_first_link_says_what_follows() -> None:
    with open_chain() as chain:
        assert chain.end.startswith("2:")
    first = ChainLink.objects.get(number=1)
    content = decode(first.content)
    assert (content["cause"], content["cites"], content["key"]) == ("first", "", chain.key.fingerprint)
    assert content["columns"]["event"] == list(BY_KIND["event"].columns)
    assert links() == ["segment  1"]


def test_another_key_begins_a_segment_that_cites_the_end(store: Store, settings: Any) -> None:
    trade(store, 1)
    link()
    last = ChainLink.objects.last_link()
    settings.SCANFORPAY_CHAIN_KEYS = ["another one"]
    trade(store, 1)
    link()
    segment = ChainLink.objects.newest_statement("segment")
    content = decode(segment.content)
    assert (segment.number, segment.segment, content["cause"]) == (last.number + 1, 2, "key")
    assert content["cites"] == f"{last.number}:{last.mac}"
    assert audit() == []


def test_a_version_that_covers_more_columns_begins_a_segment(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    trade(store, 1)
    before = tuple(one for one in module.COVERED if one.kind != "event")
    with monkeypatch.context() as patched:
        patched.setattr(module, "COVERED", before)
        with open_chain():
            pass
    link()
    assert decode(ChainLink.objects.newest_statement("segment").content)["cause"] == "columns"
    assert ChainLink.objects.filter(kind="event", act="row").count() == OrderEvent.objects.count()
    assert audit() == []


def test_a_row_that_has_a_link_gets_no_second(store: Store) -> None:
    trade(store, 1)
    link()
    pks = list(OrderEvent.objects.values_list("pk", flat=True))
    with open_chain() as chain:
        chain.append_missing(BY_KIND["event"], [*pks, 999])
    assert ChainLink.objects.filter(kind="event", act="row").count() == len(pks)


def test_no_key_no_chain(settings: Any) -> None:
    settings.SCANFORPAY_ENCRYPTION_KEYS = []
    with pytest.raises(ImproperlyConfigured, match="SCANFORPAY_ENCRYPTION_KEYS"), open_chain():
        pass


def test_what_is_no_statement_says_nothing() -> None:
    assert decode(encode({"b": 1, "a": "é"})) == {"a": "é", "b": 1}
    assert decode("no json") == decode("[1]") == {}
