"""The whole look at the chain: a part of it, one that is gone, one whose key is not there."""

from typing import Any

import pytest

from scanforpay_django.models import ChainWriter, Store
from tests.merchant import Merchant
from tests.operations.audit.seeds import busy
from tests.operations.chain.attacker import unguarded
from tests.operations.chain.chained import audit, link, pass_on, sql, trade
from tests.operations.figures.calendar import At, at, store
from tests.scripted import platform

__all__ = ["at", "busy", "platform", "store", "unguarded"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_a_busy_shop_is_clean(busy: Merchant, at: At) -> None:
    """Orders of every kind, and nothing is named."""
    trade(busy.store, 3)
    link()
    pass_on(at, "2028-11-27 10:20", "2028-11-27 10:40", "2028-11-27 11:00")
    assert audit() == []


def test_a_look_at_the_last_days_alone(store: Store, at: At, unguarded: None) -> None:
    at("2026-11-20 10:00")
    trade(store, 2)
    link()
    at("2026-11-27 10:00")
    trade(store, 2)
    link()
    sql("UPDATE scanforpay_orderevent SET actor = 'x'")
    every = audit()
    assert audit(since="2026-11-26") == every
    assert len(every) > 4


def test_a_chain_that_is_gone_or_stands_still_is_named(store: Store, at: At) -> None:
    assert audit() == ["chain-behind: there is no chain"]
    at("2020-01-01 10:00")
    trade(store, 1)
    link()
    ChainWriter.objects.update(at="2020-01-01T00:00Z")
    (found,) = audit()
    assert found.startswith("chain-behind: all rows were linked last: 2020-01-01")


def test_a_key_that_is_not_configured(store: Store, settings: Any) -> None:
    trade(store, 1)
    link()
    settings.SCANFORPAY_CHAIN_KEYS = ["another one"]
    trade(store, 1)
    link()
    assert audit() == []
    settings.SCANFORPAY_ENCRYPTION_KEYS = ["cmVwbGFjZWQtcmVwbGFjZWQtcmVwbGFjZWQtMTIzNDU="]
    (found,) = audit()
    assert found.startswith("key-missing: segment 1, from link 1, key ")
