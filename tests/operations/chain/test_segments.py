"""A recovery begins a segment that cites what was there."""

import pytest

from scanforpay_django.models import ChainLink, Store
from scanforpay_django.operations.chain.open_chain import decode
from scanforpay_django.operations.chain.segments import NotARoot, begin_segment, read_root
from tests.operations.chain.attacker import unguarded
from tests.operations.chain.chained import audit, link, sql, trade
from tests.operations.figures.calendar import store

__all__ = ["store", "unguarded"]
pytestmark = pytest.mark.django_db(transaction=True)


def end() -> str:
    last = ChainLink.objects.last_link()
    assert last is not None
    return f"{last.number}:{last.mac}"


def test_links_that_were_lost_with_the_database_are_explained(store: Store, unguarded: None) -> None:
    trade(store, 1)
    link()
    kept = ChainLink.objects.count()
    trade(store, 1)
    link()
    lost = end()
    # the database of before
    sql("DELETE FROM scanforpay_chainlink WHERE number > %s", kept)
    assert any(f"root {lost}: the chain ends at link {kept}" in line for line in audit(lost))
    assert read_root(begin_segment("recovery", lost, by="boss")) == read_root(end())
    segment = decode(ChainLink.objects.newest_statement("segment").content)
    assert (segment["cause"], segment["cites"], segment["by"]) == ("recovery", lost, "boss")
    link()
    assert audit(lost) == []


def test_without_a_root_it_cites_the_end_that_is_here(store: Store) -> None:
    trade(store, 1)
    link()
    cited = end()
    begin_segment("recovery")
    assert decode(ChainLink.objects.newest_statement("segment").content)["cites"] == cited
    assert audit(cited) == []


@pytest.mark.parametrize("text", ["", "12", "0:" + "a" * 64, "1:" + "g" * 64, "1:abc"])
def test_what_is_no_root_is_refused(text: str) -> None:
    with pytest.raises(NotARoot, match="not a root"):
        read_root(text)


@pytest.mark.parametrize("before", ["", " "])
def test_a_root_as_it_is_copied(before: str) -> None:
    assert read_root(f"{before}7:{'AB' * 32}\n") == (7, "ab" * 32)
