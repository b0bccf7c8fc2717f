"""Bills' lines into the database, a million in seconds: COPY on PostgreSQL, one prepared INSERT elsewhere.

By hand: the ORM takes longer for a row than reading its line does.
"""

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from scanforpay_django.models import BillLine, BillProblem
from scanforpay_django.models.database import connection
from scanforpay_django.wallets.bills import values

LineWriter = Callable[[Sequence[values.BillLine]], None]

MAX_REFERENCE = 128
#: from here on the planner's figures are renewed, which takes half a second
MANY_LINES = 20_000
#: the model's columns, the file's first, in the order of the tuple
COLUMNS = [field.column for field in BillLine._meta.concrete_fields if not field.primary_key]
# StrEnum's members are strings of another class, which drivers take longer for.
_KINDS = {kind: kind.value for kind in values.BillKind}
# Stands for NULL in COPY: no number and no word that is kept has it.
_NULL = "\x01"
# SQLite's levels of synchronous: 0 off, 1 normal, 2 full, 3 extra
_NORMAL = 1


@contextmanager
def fewer_waits() -> Iterator[None]:
    """On SQLite no COMMIT in here waits for the disk; the next one after it does, for all of them. With a write-ahead
    log alone: there a power cut may take the last commits, and breaks nothing.
    """
    database: Any = connection()
    if database.vendor != "sqlite" or database.in_atomic_block:
        yield
        return
    with database.cursor() as cursor:
        has_log = cursor.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        level = int(cursor.execute("PRAGMA synchronous").fetchone()[0])
        if has_log and level > _NORMAL:
            cursor.execute(f"PRAGMA synchronous = {_NORMAL}")
    try:
        yield
    finally:
        with database.cursor() as cursor:
            cursor.execute(f"PRAGMA synchronous = {level}")


def takes_lines_meanwhile() -> bool:
    """Whether the database works on some lines while the next are read. Otherwise a transaction that is open while
    lines are read holds others up for nothing.
    """
    return bool(connection().vendor == "postgresql")


@contextmanager
def open_writer(file_id: int) -> Iterator[LineWriter]:
    """What writes a file's lines, some at a time. In the caller's transaction, which then ends without a wait for the
    disk where a database can do without: the COMMIT that marks the bill as read waits for all that was written before.
    """
    database: Any = connection()
    names = ", ".join(database.ops.quote_name(column) for column in COLUMNS)
    table = database.ops.quote_name(BillLine._meta.db_table)
    with database.cursor() as cursor:
        if database.vendor == "postgresql":
            cursor.execute("SET LOCAL synchronous_commit TO off")
            with _open_copy(cursor, f"COPY {table} ({names}) FROM STDIN WITH (NULL E'\\x01')") as write:
                yield lambda lines: write(_as_text(file_id, lines))
            return
        marks = ", ".join(["%s"] * len(COLUMNS))
        statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608
        yield lambda lines: cursor.executemany(statement, list(_as_rows(file_id, lines)))


def analyze_lines(number: int) -> None:
    """Tell the planner of so many new lines. PostgreSQL looks for itself once a minute, and until then it takes a
    million lines for a few, whose payments it would look up one by one: twice the time of the comparison.
    """
    database: Any = connection()
    if database.vendor == "postgresql" and number >= MANY_LINES:
        with database.cursor() as cursor:
            cursor.execute(f"ANALYZE {database.ops.quote_name(BillLine._meta.db_table)}")


def write_problems(file_id: int, problems: Iterable[values.BillProblem]) -> int:
    """In the caller's transaction; how many they were."""
    rows = [
        BillProblem(
            file_id=file_id,
            code=one.code.value,
            part=one.part,
            line_no=one.line_no,
            field=one.field,
            stated=one.stated,
            expected=one.expected,
            raw=one.raw,
        )
        for one in problems
    ]
    BillProblem.objects.bulk_create(rows, batch_size=500)
    return len(rows)


def kept_reference(reference: str) -> str:
    """What a merchant's order carried, where it can be one of ours: printable, and not longer than ours are."""
    return reference if len(reference) <= MAX_REFERENCE and reference.isprintable() else ""


def _as_rows(file_id: int, lines: Iterable[values.BillLine]) -> Iterator[tuple[Any, ...]]:
    for line in lines:
        (
            part, line_no, kind, word, out_trade_no, trade_no, out_refund_no, refund_id, flow_no, at, currency, amount,
            settled_currency, settled, coupon, fee, fee_currency, rate, party, balance, reference,
        ) = line  # fmt: skip
        yield (
            file_id, part, line_no, _KINDS[kind], word, out_trade_no, trade_no, out_refund_no, refund_id, flow_no,  # type: ignore[index]
            # in UTC, without the offset, as Django writes it where a database knows no zones
            str(at)[:-6], currency, amount, settled_currency, settled, coupon, fee, fee_currency, rate, party, balance,
            reference and kept_reference(reference),
        )  # fmt: skip


def _as_text(file_id: int, lines: Iterable[values.BillLine]) -> str:
    """COPY's text format: tabs between values, back-slashes escaped."""
    rows = []
    for line in lines:
        (
            part, line_no, kind, word, out_trade_no, trade_no, out_refund_no, refund_id, flow_no, at, currency, amount,
            settled_currency, settled, coupon, fee, fee_currency, rate, party, balance, reference,
        ) = line  # fmt: skip
        reference = reference and kept_reference(reference)
        row = (
            f"{file_id}\t{part}\t{line_no}\t{_KINDS[kind]}\t{word}\t{out_trade_no}\t{trade_no}\t{out_refund_no}\t"  # type: ignore[index]
            f"{refund_id}\t{flow_no}\t{at.isoformat()}\t{currency}\t{amount}\t{settled_currency}\t"
            f"{_NULL if settled is None else settled}\t{_NULL if coupon is None else coupon}\t"
            f"{_NULL if fee is None else fee}\t{fee_currency}\t{rate}\t{party}\t"
            f"{_NULL if balance is None else balance}\t{reference}\n"
        )
        # Tabs, line ends and NUL have no part in what is kept: it is all printable.
        rows.append(row.replace("\\", "\\\\") if "\\" in row else row)
    return "".join(rows)


@contextmanager
def _open_copy(cursor: Any, statement: str) -> Iterator[Callable[[str], None]]:
    # psycopg 2, which Django 5.2 takes too, has no copy().
    if hasattr(cursor, "copy_expert"):
        parts: list[str] = []
        yield parts.append
        cursor.copy_expert(statement, io.StringIO("".join(parts)))
        return
    with cursor.copy(statement) as copy:
        yield copy.write
