"""Where in a table that is filled in the order of time a moment lies, without an index of times."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Max, Min, Subquery

#: hosts' clocks differ by less, and no transaction takes so long from its moment to its key
MARGIN = timedelta(minutes=10)
#: rows that are not worth another statement
NEAR = 1000
#: keys that one statement looks at
PROBES = 32


def find_first_key(model: type[models.Model], column: str, moment: datetime) -> int:
    """``KeySearch.find_first`` where one moment is looked for."""
    return KeySearch(model, column).find_first(moment)


def find_end_key(model: type[models.Model], column: str, moment: datetime) -> int:
    """``KeySearch.find_end`` where one moment is looked for."""
    return KeySearch(model, column).find_end(moment)


class KeySearch:
    """Searches of one request by 32 parts: 1 statement, and one more for each thirty-twofold of the table above a
    thousand rows. What one of them has looked at is not read again: two ends of a day take hardly more than one.
    """

    def __init__(self, model: type[models.Model], column: str) -> None:
        self._rows: Any = model._default_manager.order_by()  # noqa: SLF001
        self._column = column
        self._ends: tuple[int, int] | None = None
        self._seen: dict[range, list[datetime | None]] = {}

    def find_first(self, moment: datetime) -> int:
        """A key below which no row is as new as ``moment``; rows that are somewhat older may be above it."""
        low, _high = self._search(lambda found: found < moment - MARGIN)
        return low

    def find_end(self, moment: datetime) -> int:
        """A key from which on no row is older than ``moment``; rows that are somewhat newer may be below it."""
        _low, high = self._search(lambda found: found < moment + MARGIN)
        return high

    def _search(self, is_before: Callable[[datetime], bool]) -> tuple[int, int]:
        """Two keys, at most a thousand apart: rows before the first are before, none from the second on is."""
        if self._ends is None:
            found = self._rows.aggregate(first=Min("pk"), last=Max("pk"))
            self._ends = (0, 0) if found["first"] is None else (found["first"], found["last"] + 1)
        low, high = self._ends
        while high - low > NEAR:
            keys = range(low, high, -(-(high - low) // PROBES))
            if keys not in self._seen:
                self._seen[keys] = _look(self._rows, self._column, keys)
            for key, at in zip(keys, self._seen[keys], strict=True):
                # None: those above were archived meanwhile.
                if at is None or not is_before(at):
                    high = key
                    break
                low = key + 1
        return low, high


def _look(rows: Any, column: str, keys: range) -> list[datetime | None]:
    """The moment of the first row from each of the keys on."""
    looks = {
        f"at_{key}": Subquery(rows.filter(pk__gte=key).order_by("pk").values(column)[:1]) for key in keys
    }
    found = rows.order_by("pk").annotate(**looks).values_list(*looks).first()
    return [None] * len(keys) if found is None else list(found)
