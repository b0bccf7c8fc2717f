"""Up to where the rows of each table are in the chain. The chain itself says so: a mark beside it could be put back by
whoever inserts a row below it.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

from scanforpay_django import clock
from scanforpay_django.operations.chain.canonical import microseconds

#: a transaction ends sooner after it has taken a key: until then rows may appear below those that are there
MARGIN = timedelta(minutes=15)


@dataclass(kw_only=True)
class Horizon:
    """Keys by table. Rows that were there before the chain, and are older than ``MARGIN``, are linked by and by."""

    # up to here every row is linked, and none is linked later
    passed: dict[str, int]
    # up to here all that could be seen was linked at ``seen_at``; after ``MARGIN`` it is passed
    seen: dict[str, int]
    seen_at: int
    # of the rows from before the chain: the last one, and up to where they are linked
    old_end: dict[str, int]
    old: dict[str, int]
    # passed, but not finished: linked when they are
    waiting: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def begin(cls, old_end: dict[str, int]) -> Self:
        """That of a new chain."""
        return cls(
            passed=dict(old_end),
            seen=dict(old_end),
            seen_at=microseconds(clock.host_now()),
            old_end=old_end,
            old=dict.fromkeys(old_end, 0),
        )

    @classmethod
    def from_json(cls, content: dict[str, Any], kinds: list[str]) -> Self:
        """As a link has it. A table that is covered since a later version begins with its first row."""
        zeros = dict.fromkeys(kinds, 0)
        found = {name: {**zeros, **content[name]} for name in ("passed", "seen", "old_end", "old")}
        return cls(**found, seen_at=content["seen_at"], waiting=content["waiting"])

    def as_json(self) -> dict[str, Any]:
        """As the content of the link that states it."""
        return dict(vars(self))

    def is_due(self, now: datetime) -> bool:
        """Whether what was seen may be passed. A clock that was put back does not hold it up for ever."""
        return abs(microseconds(now) - self.seen_at) >= MARGIN // timedelta(microseconds=1)

    def is_filling(self) -> bool:
        """Whether rows from before the chain are left."""
        return any(self.old[kind] < end for kind, end in self.old_end.items())

    def is_linked(self, kind: str, pk: int) -> bool:
        """Whether a row must have a link."""
        if pk in self.waiting.get(kind, ()):
            return False
        return pk <= self.old[kind] or self.old_end[kind] < pk <= self.passed[kind]
