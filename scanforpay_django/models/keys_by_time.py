"""Where in a table that is filled in the order of time a moment lies, without an index of times."""

from datetime import datetime, timedelta
from typing import Any

from django.db import models

#: hosts' clocks differ by less, and no transaction takes so long from its moment to its key
MARGIN = timedelta(minutes=10)
#: rows that are not worth another statement
NEAR = 1000


def find_first_key(model: type[models.Model], column: str, moment: datetime) -> int:
    """A key below which no row is as new as ``moment`` by its ``column``; rows that are somewhat older may be above it.

    A search by halves: 2 statements, and one more for each doubling of the table above a thousand rows.
    """
    rows: Any = model._default_manager.order_by("pk").values_list("pk", column)  # noqa: SLF001
    first, last = rows.first(), rows.last()
    if first is None or last is None:
        return 0
    low, high = first[0], last[0] + 1
    while high - low > NEAR:
        middle = (low + high) // 2
        found = rows.filter(pk__gte=middle).first()
        # None: those above were archived meanwhile.
        if found is not None and found[1] < moment - MARGIN:
            low = found[0] + 1
        else:
            high = middle
    return int(low)
