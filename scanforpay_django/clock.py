"""The present moment: by this host's clock, and as far ahead of it as the sandbox's clock was put forward."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

_get_offset: Callable[[], int] | None = None


def now() -> datetime:
    """Aware, in UTC, whatever the project's USE_TZ is: ``django.utils.timezone.now`` is naive where that is False."""
    offset = offset_seconds()
    return host_now() + timedelta(seconds=offset) if offset else host_now()


def host_now() -> datetime:
    """By this host's clock alone, which the world outside has too: for when a signed message of a merchant was made."""
    return datetime.now(UTC)


def offset_seconds() -> int:
    """How far the clock was put forward. 0 wherever the sandbox is not installed."""
    return _get_offset() if _get_offset is not None else 0


def follow(get_offset: Callable[[], int]) -> None:
    """Have every moment of this process put forward by what ``get_offset`` returns. The sandbox's app calls it."""
    global _get_offset
    _get_offset = get_offset
