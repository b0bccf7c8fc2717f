"""Counting calls."""

from typing import Any

import pytest

from scanforpay_django.exceptions import TooManyCalls
from scanforpay_django.operations import call_counter
from scanforpay_django.operations.call_counter import MEMORY_LIMIT, MemoryCounter, count_call
from tests.transport.zoo import closed_port


def test_many_strangers_do_not_wipe_the_count_of_who_calls_most() -> None:
    counter = MemoryCounter()
    for _ in range(20):
        counter.add("busy", 1)
    for stranger in range(2 * MEMORY_LIMIT):
        counter.add(f"stranger {stranger}", 1)
    assert counter.add("busy", 1) == 21
    assert len(counter._counts) <= MEMORY_LIMIT
    assert counter.add("busy", 2) == 1


def test_above_the_limit_it_says_when_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call_counter, "WINDOW_SECONDS", 10**6)
    for _ in range(3):
        count_call("somebody", 3)
    with pytest.raises(TooManyCalls) as refused:
        count_call("somebody", 3)
    assert int(str(refused.value.params["retry_after"])) > 0
    count_call("somebody", 0)


def test_while_redis_does_not_answer_this_process_counts(settings: Any) -> None:
    settings.SCANFORPAY_LIMITS_REDIS_URL = f"redis://127.0.0.1:{closed_port()}/0"
    for _ in range(3):
        count_call("somebody", 3)
    with pytest.raises(TooManyCalls):
        count_call("somebody", 3)
