"""Counting calls in Redis, for all processes together."""

import logging
import time

import redis

logger = logging.getLogger(__name__)

REDIS_SECONDS = 0.05
#: how long Redis is left alone after it did not answer
BREAK_SECONDS = 5.0
#: a window's counts are kept for so long after its last call
KEPT_SECONDS = 120


class RedisCounter:
    """Counts for all processes together."""

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(
            url, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS, retry=None
        )
        self._closed_until = 0.0

    def add(self, name: str, window: int) -> int | None:
        """The same; None while Redis does not answer."""
        if time.monotonic() < self._closed_until:
            return None
        key = f"scanforpay:calls:{window}:{name}"
        try:
            pipeline = self._redis.pipeline(transaction=False)
            pipeline.incr(key)
            pipeline.expire(key, KEPT_SECONDS)
            count = pipeline.execute()[0]
        except redis.RedisError as error:
            self._closed_until = time.monotonic() + BREAK_SECONDS
            logger.warning("calls are counted in this process only: %s", type(error).__name__)
            return None
        return int(count)
