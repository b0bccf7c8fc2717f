"""Values as bytes that are the same on SQLite, PostgreSQL, MariaDB and MySQL."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(moment: datetime) -> int:
    """Since 1970, in UTC; exact."""
    return (moment - _EPOCH) // _MICROSECOND


def canonical_bytes(value: Any) -> bytes:
    """A column's value, with a letter for its type: NULL is not "", and 1 is not "1". Raises TypeError for a type that
    no covered column has.
    """
    match value:
        case None:
            return b"-"
        case int():
            # a bool too: MySQL has none
            return b"i%d" % value
        case str():
            return b"s" + value.encode("utf-8", "surrogatepass")
        case datetime():
            return b"m%d" % microseconds(value)
        case Decimal():
            # without the zeros at its end, which depend on the column
            return b"d" + format(value.normalize(), "f").encode("ascii")
        case dict() | list():
            return b"j" + json.dumps(
                _whole(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False
            ).encode("utf-8", "surrogatepass")
    raise TypeError(f"no canonical bytes of {type(value).__name__}")


def _whole(value: Any) -> Any:
    """PostgreSQL gives 1e3 back as 1000, others as 1000.0."""
    if isinstance(value, dict):
        return {key: _whole(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_whole(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
