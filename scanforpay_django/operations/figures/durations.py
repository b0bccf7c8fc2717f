"""How long things take, as a histogram: buckets of two days, stores or hosts are added, medians are not."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping

#: each bucket's upper bound is 5 % above its lower one: a median read from them is at most that far off
RATIO = 1.05
MIN_SECONDS = 0.001


def find_bucket(seconds: float) -> str:
    """The bucket of a time, as a key of JSON."""
    return str(math.floor(math.log(max(seconds, MIN_SECONDS), RATIO)))


def add_up(histograms: Iterable[Mapping[str, int]]) -> Counter[int]:
    """The sum of histograms: bucket -> how many."""
    total: Counter[int] = Counter()
    for histogram in histograms:
        for bucket, number in histogram.items():
            total[int(bucket)] += number
    return total


def find_quantile(histogram: Mapping[int, int], part: float) -> float | None:
    """The seconds within which ``part`` (0 to 1) of all ended; None of an empty histogram."""
    left = part * sum(histogram.values())
    for bucket, number in sorted(histogram.items()):
        left -= number
        if left <= 0:
            return float(RATIO ** (bucket + 0.5))
    return None
