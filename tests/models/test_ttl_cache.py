"""What is remembered, and when it is forgotten."""

from collections.abc import Callable

import pytest
from django.db import transaction

from scanforpay_django.models import ttl_cache
from scanforpay_django.models.ttl_cache import TtlCache

pytestmark = pytest.mark.django_db(transaction=True)


def counting() -> tuple[TtlCache[str, str], Callable[[], int]]:
    loads: list[str] = []

    def load(key: str) -> str:
        loads.append(key)
        return f"{key}{len(loads)}" if key != "missing" else ""

    return TtlCache(load), lambda: len(loads)


def test_what_was_found_is_remembered_until_it_is_forgotten() -> None:
    cache, loads = counting()
    assert [cache.get("a"), cache.get("a"), loads()] == ["a1", "a1", 1]
    cache.forget()
    assert cache.remembered("a") is None
    assert cache.get("a") == "a2"


def test_what_is_not_there_is_looked_for_again() -> None:
    cache, loads = counting()
    assert [cache.get("missing"), cache.get("missing"), loads()] == ["", "", 2]


def test_what_a_transaction_may_take_back_is_not_kept() -> None:
    cache, loads = counting()
    with transaction.atomic():
        cache.get("a")
    assert cache.remembered("a") is None
    assert loads() == 1


def test_it_is_too_old_after_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    cache, loads = counting()
    cache.get("a")
    monkeypatch.setattr(ttl_cache, "SECONDS", 0)
    assert cache.get("a") == "a2"
    assert loads() == 2
