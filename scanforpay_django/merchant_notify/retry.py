"""When to try again. Pure."""

import random
from collections.abc import Callable
from dataclasses import dataclass

# Seconds before each try: what merchants of these platforms are used to, then on to 84 hours.
LADDER: tuple[float, ...] = (
    0, 15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600,
    10800, 10800, 10800, 21600, 21600, 43200, 86400, 86400,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class RetrySchedule:
    """Tries to delays, in seconds."""

    ladder: tuple[float, ...] = LADDER
    # from this step on (0 is the first try) a delay is spread: a merchant that comes back is not run over
    jitter_from: int = 3
    # the part of the delay by which it may be shorter or longer
    jitter: float = 0.2
    # tries in all; beyond the ladder its last step is repeated
    max_attempts: int = len(LADDER)
    # a number from 0 to 1
    draw: Callable[[], float] = random.random

    def delay_after(self, tries: int) -> float | None:
        """Seconds to wait after ``tries`` failed tries; None when all have been made."""
        if self.is_used_up(tries):
            return None
        delay = float(self.ladder[min(tries, len(self.ladder) - 1)])
        if tries >= self.jitter_from:
            delay *= 1 + self.jitter * (2 * self.draw() - 1)
        return delay

    def is_used_up(self, tries: int) -> bool:
        """Whether no try is left after ``tries``."""
        return tries >= self.max_attempts
