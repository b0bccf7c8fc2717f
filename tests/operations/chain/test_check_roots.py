"""A chain that was cut off or written anew is told by its roots."""

from typing import Any

import pytest

from scanforpay_django.models import ChainLink, ChainRoot, Store
from tests.operations.chain.attacker import unguarded
from tests.operations.chain.chained import audit, link, sql
from tests.operations.chain.test_roots import addresses, tell_two_days
from tests.operations.figures.calendar import At, at, store

__all__ = ["addresses", "at", "store", "unguarded"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_a_chain_that_was_cut_off_is_shorter_than_its_root(store: Store, at: At, unguarded: None) -> None:
    last = tell_two_days(store, at)
    root = ChainRoot.objects.get().text
    sql("DELETE FROM scanforpay_chainlink WHERE number >= %s", last)
    assert (
        f"root-differs: root of 2026-11-27: the chain ends at link {last - 1}, before link {last}" in audit()
    )
    # The root is taken away too: the one that was mailed is left.
    sql("DELETE FROM scanforpay_chainroot")
    sql("DELETE FROM scanforpay_orderevent")
    sql("DELETE FROM scanforpay_chainlink WHERE number > 2")
    assert not any("root" in line for line in audit())
    link()
    assert not any("root" in line for line in audit())
    assert any(line.startswith(f"root-differs: root {root}: ") for line in audit(root))


def test_a_root_that_was_changed_has_no_signature(store: Store, at: At, unguarded: None) -> None:
    tell_two_days(store, at)
    sql("UPDATE scanforpay_chainroot SET number = number - 1")
    assert audit() == ["root-differs: root of 2026-11-27: its signature is not right"]


def test_a_link_that_is_missing_or_another_one(store: Store, at: At, unguarded: None) -> None:
    last = tell_two_days(store, at)
    other = ChainLink.objects.get(number=last - 1)
    assert audit(f"{last}:{other.mac}") == [
        f"root-differs: root {last}:{other.mac}: link {last} has another digest"
    ]
    sql("DELETE FROM scanforpay_chainlink WHERE number = %s", last)
    assert f"root-differs: root of 2026-11-27: link {last} is missing" in audit()


def test_a_root_whose_key_is_gone_is_compared_all_the_same(store: Store, at: At, settings: Any) -> None:
    tell_two_days(store, at)
    settings.SCANFORPAY_ENCRYPTION_KEYS = ["cmVwbGFjZWQtcmVwbGFjZWQtcmVwbGFjZWQtMTIzNDU="]
    assert [line.partition(":")[0] for line in audit()] == ["key-missing"]
