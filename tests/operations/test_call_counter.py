"""Counting calls, in this process or in Redis for all."""

import uuid

import pytest

from scanforpay_django.exceptions import TooManyCalls
from scanforpay_django.operations import call_counter
from scanforpay_django.operations.call_counter import MEMORY_LIMIT, MemoryCounter, RedisCounter, count_call


@pytest.fixture
def own_names() -> str:
    """Counted where nobody counted before."""
    return f"test {uuid.uuid4()}"


@pytest.mark.redis
def test_processes_count_together_in_redis(own_names: str) -> None:
    url = "redis://127.0.0.1:6379/0"
    one, other = RedisCounter(url), RedisCounter(url)
    assert [one.add(own_names, 1), other.add(own_names, 1), one.add(own_names, 1)] == [1, 2, 3]
    assert one.add(own_names, 2) == 1


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
