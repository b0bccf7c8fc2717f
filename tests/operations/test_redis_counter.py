"""Counting calls in Redis, for all processes."""

import uuid

import pytest

from scanforpay_django.operations.redis_counter import RedisCounter
from tests.transport.zoo import closed_port


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


def test_a_redis_that_does_not_answer_is_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    counter = RedisCounter(f"redis://127.0.0.1:{closed_port()}/0")
    assert [counter.add("somebody", 1), counter.add("somebody", 1)] == [None, None]
    assert caplog.text.count("in this process only") == 1
