"""The queue's hot statements, for PostgreSQL and SQLite: the ORM takes longer to write them than a database to answer.

Moments are the database's. Values are always parameters; what is put into a text here are names and words of ours.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connections, router
from django.db.backends.base.base import BaseDatabaseWrapper

from scanforpay_django.models import Endpoint, Notification, NotificationAttempt, Order, Store

Values = list[Any]


def database() -> str:
    """The alias of the database that holds the queue."""
    return router.db_for_write(Notification)


def connection() -> BaseDatabaseWrapper:
    """Its connection in this thread."""
    return connections[database()]


def fetch(sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """What a statement answers."""
    with connection().cursor() as cursor:
        cursor.execute(sql, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def run(sql: str, values: Sequence[Any] = ()) -> None:
    """A statement that answers nothing."""
    with connection().cursor() as cursor:
        cursor.execute(sql, values)


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How a database says what the two say differently."""

    is_postgres: bool
    now: str
    # the same as whole seconds since 1970
    epoch: str
    # FOR UPDATE ... SKIP LOCKED; with SQLite BEGIN IMMEDIATE has taken the whole table
    skip_locked: str

    def later(self, seconds: str) -> str:
        """The moment so many seconds from now."""
        return self.after(self.now if self.is_postgres else "'NOW'", seconds)

    def after(self, moment: str, seconds: str) -> str:
        """The moment so many seconds after another."""
        if self.is_postgres:
            return f"{moment} + {seconds} * INTERVAL '1 second'"
        return f"STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', {moment}, {seconds} || ' seconds')"

    def is_one_of(self, column: str) -> str:
        """Whether a column is in a list, a parameter made by ``listed``."""
        if self.is_postgres:
            return f"{column} = ANY(%s)"
        return f"{column} IN (SELECT value FROM JSON_EACH(%s))"

    def is_none_of(self, column: str) -> str:
        """The opposite."""
        return f"{column} <> ALL(%s)" if self.is_postgres else f"NOT {self.is_one_of(column)}"

    def listed(self, values: Sequence[Any]) -> Any:
        """The parameter for these two."""
        return list(values) if self.is_postgres else json.dumps(list(values))

    def moment(self, moment: datetime) -> Any:
        """A moment as a parameter."""
        return connection().ops.adapt_datetimefield_value(moment)

    def table(self, **columns: str) -> str:
        """A table ``v`` of values, with PostgreSQL's types; its parameters are made by ``rows``."""
        if self.is_postgres:
            arrays = ", ".join(f"%s::{kind}[]" for kind in columns.values())
            return f"UNNEST({arrays}) AS v({', '.join(columns)})"
        parts = (f"JSON_EXTRACT(value, '$[{at}]') AS {name}" for at, name in enumerate(columns))
        return f"(SELECT {', '.join(parts)} FROM JSON_EACH(%s)) AS v"

    def rows(self, rows: Sequence[Sequence[Any]]) -> Values:
        """The parameters for ``table``."""
        if self.is_postgres:
            return [list(column) for column in zip(*rows, strict=True)]
        return [json.dumps(rows)]


@cache
def _dialect(vendor: str) -> Dialect:
    if vendor == "postgresql":
        now = "STATEMENT_TIMESTAMP()"
        epoch = f"EXTRACT(EPOCH FROM {now})::bigint"
        return Dialect(is_postgres=True, now=now, epoch=epoch, skip_locked="FOR UPDATE OF n SKIP LOCKED")
    now, epoch = "STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', 'NOW')", "CAST(STRFTIME('%%s', 'NOW') AS INTEGER)"
    return Dialect(is_postgres=False, now=now, epoch=epoch, skip_locked="")


def dialect() -> Dialect:
    """Of the queue's database."""
    return _dialect(connection().vendor)


def _name(model: Any) -> str:
    return f'"{model._meta.db_table}"'


N, A, E = _name(Notification), _name(NotificationAttempt), _name(Endpoint)
ROW = (
    "n.id, n.attempt_count, n.schedule_start, n.lease_token, n.content, n.message_id, n.url, n.endpoint, n.kind, "
    "o.state, o.partner_id, s.notify_max_attempts, s.acknowledge_any_2xx, n.learned_at IS NOT NULL"
)
JOINED = f"{N} n JOIN {_name(Order)} o ON o.id = n.order_id JOIN {_name(Store)} s ON s.id = o.store_id"


@cache
def due(d: Dialect) -> str:
    """What may be claimed, of the table n."""
    free = f"(n.lease_until IS NULL OR n.lease_until <= {d.now})"
    return f"n.state = 'pending' AND n.next_at <= {d.now} AND {free}"


@cache
def is_due(d: Dialect) -> str:
    """One row if anything may be claimed."""
    return f"SELECT 1 FROM {N} n WHERE {due(d)} LIMIT 1"


@cache
def _barred(d: Dialect, rate: float) -> str:
    """Whether the breaker of its endpoint, in the table e, bars a message of the table n. Value: endpoints where
    something is under way.
    """
    probed = f"(e.next_probe_at > {d.now} OR {d.is_one_of('e.key')})"
    # When the bucket will hold one again.
    filled_at = d.after("e.refilled_at", f"((1 - e.tokens) / {rate})")
    slowed = f"(n.created_at < e.recovered_at AND {filled_at} > {d.now})"
    return f"COALESCE(CASE WHEN e.open_since IS NOT NULL THEN {probed} ELSE {slowed} END, FALSE)"


@cache
def look(d: Dialect, *, held_back: int, rate: float) -> str:
    """What is due, oldest first, locked, without full endpoints, without what a breaker or a slow start of ``rate`` a
    second bars, and, for each of ``held_back`` pairs of endpoint and moment, without what is older. A message's own
    moment is read where its endpoint was ever open. Values: full endpoints, keys that were seen already, the pairs,
    endpoints where something is under way, a number.

    Breakers are looked up by message: of those that are open most have nothing due, and they may be thousands.
    """
    held = " AND NOT (n.endpoint = %s AND n.created_at < %s)" * held_back
    # Reading a moment costs as much as the rest of a row.
    moment = "CASE WHEN e.recovered_at IS NOT NULL OR e.open_since IS NOT NULL THEN n.created_at END"
    return (
        f"SELECT {ROW}, {d.epoch}, {moment} FROM {JOINED} LEFT JOIN {E} e ON e.key = n.endpoint WHERE {due(d)} "
        f"AND {d.is_none_of('n.endpoint')} AND {d.is_none_of('n.id')}{held} AND NOT {_barred(d, rate)} "
        f"ORDER BY n.next_at LIMIT %s {d.skip_locked}"
    )


@cache
def leased_by_endpoint(d: Dialect) -> str:
    """How many messages of each endpoint are being sent."""
    return (
        f"SELECT n.endpoint, COUNT(*) FROM {N} n WHERE n.state = 'pending' AND n.lease_until IS NOT NULL "
        f"AND n.lease_until > {d.now} GROUP BY n.endpoint"
    )


@cache
def lease(d: Dialect) -> str:
    """Values: seconds, token, keys."""
    return (
        f"UPDATE {N} SET lease_until = {d.later('%s')}, lease_token = %s, attempt_count = attempt_count + 1 "
        f"WHERE {d.is_one_of('id')}"
    )


@cache
def begin_attempts(d: Dialect) -> str:
    """A row for each try; answers notification and try. Values: keys of notifications."""
    return (
        f"INSERT INTO {A} (notification_id, number, state, reason, answer, address) "
        f"SELECT id, attempt_count, 'sending', '', '', '' FROM {N} WHERE {d.is_one_of('id')} "
        "RETURNING notification_id, id"
    )


@cache
def settle(d: Dialect) -> str:
    """What became of messages, where their lease still holds; answers key and state. No alarm for who was told."""
    v = d.table(pk="bigint", held="text", outcome="text", delay="float8", reason="text")
    given_up, told = "v.outcome = 'exhausted'", "(n.learned_at IS NOT NULL)"
    columns = {
        "state": f"CASE WHEN {given_up} AND {told} THEN 'learned' ELSE v.outcome END",
        "last_reason": "v.reason",
        "lease_until": "NULL",
        "lease_token": "''",
        "next_at": f"CASE WHEN v.delay IS NULL THEN n.next_at ELSE {d.later('v.delay')} END",
        "delivered_at": f"CASE WHEN v.outcome = 'delivered' THEN {d.now} ELSE n.delivered_at END",
        "alarmed_at": f"CASE WHEN {given_up} AND NOT {told} THEN {d.now} ELSE n.alarmed_at END",
    }
    changes = ", ".join(f"{name} = {value}" for name, value in columns.items())
    held = "n.id = v.pk AND n.lease_token = v.held"
    return f"UPDATE {N} AS n SET {changes} FROM {v} WHERE {held} RETURNING id, state"


@cache
def finish_attempts(d: Dialect) -> str:
    """What became of tries."""
    v = d.table(
        pk="bigint", outcome="text", ms="integer", status="integer", why="text", said="text", place="text"
    )
    return (
        f"UPDATE {A} AS a SET state = v.outcome, duration_ms = v.ms, http_status = v.status, reason = v.why, "
        f"answer = v.said, address = v.place FROM {v} WHERE a.id = v.pk"
    )


@cache
def failing(d: Dialect) -> str:
    """Which of these endpoints failed last time. Values: keys."""
    return f'SELECT "key" FROM {E} WHERE failures_in_row > 0 AND {d.is_one_of("key")}'


@cache
def limited(d: Dialect) -> str:
    """Which of these endpoints' breakers are open, or were so lately. Values: keys, and how long ago at most, in
    seconds below zero.
    """
    lately = f"recovered_at > {d.later('%s')}"
    return f'SELECT "key" FROM {E} WHERE {d.is_one_of("key")} AND (open_since IS NOT NULL OR {lately})'
