"""Plans for a slice of a large table."""

from collections.abc import Iterator
from contextlib import contextmanager

from scanforpay_django.models.database import atomic, connection

#: each would read a whole table for the rows of one slice, and statistics lag behind a table that grows
_WHOLE_TABLE = ("enable_hashjoin", "enable_mergejoin", "enable_seqscan")


@contextmanager
def slice_plans() -> Iterator[None]:
    """Have PostgreSQL look rows up by their indexes, so that a slice costs the same however large the tables are. Other
    databases know no other plan. A transaction, or a part of the one around it.
    """
    if connection().vendor != "postgresql":
        yield
        return
    with atomic(), connection().cursor() as cursor:
        for name in _WHOLE_TABLE:
            cursor.execute(f"SET LOCAL {name} TO off")
        yield
        for name in _WHOLE_TABLE:
            cursor.execute(f"SET LOCAL {name} TO DEFAULT")
