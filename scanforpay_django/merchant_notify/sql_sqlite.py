"""The queue's statements for SQLite; ``sql.Statements`` says what each one does.

No row is locked: BEGIN IMMEDIATE has locked the whole database. A percent sign is doubled, for Django's parameters.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from scanforpay_django.models import Endpoint, Notification, NotificationAttempt, Order, Store


class SQLiteStatements:
    """As SQLite takes them."""

    NOTIFICATION = Notification._meta.db_table
    ATTEMPT = NotificationAttempt._meta.db_table
    ENDPOINT = Endpoint._meta.db_table
    ORDER = Order._meta.db_table
    STORE = Store._meta.db_table

    # How Django writes moments, so that they compare as text.
    MOMENT = "'%%Y-%%m-%%d %%H:%%M:%%f'"
    # The one place where these statements read the clock; modifiers like '5 seconds' may follow.
    CLOCK = "'NOW', %(clock_offset)s || ' seconds'"
    # Six digits, as Django writes a moment that it has computed: three would come before the same moment with six.
    NOW = f"(STRFTIME({MOMENT}, {CLOCK}) || '000')"

    IS_ANYTHING_DUE = f"""\
    SELECT 1
    FROM {NOTIFICATION} n
    WHERE n.state = 'pending'
      AND n.next_at <= {NOW}
      AND (n.lease_until IS NULL OR n.lease_until <= {NOW})
    LIMIT 1
    """

    COUNT_LEASED = f"""\
    SELECT n.endpoint, COUNT(*)
    FROM {NOTIFICATION} n
    WHERE n.state = 'pending'
      AND n.lease_until IS NOT NULL
      AND n.lease_until > {NOW}
    GROUP BY n.endpoint
    """

    _FIND_CLAIMABLE = f"""\
    SELECT
        n.id,
        n.attempt_count,
        n.schedule_start,
        n.lease_token,
        n.content,
        n.message_id,
        n.url,
        n.endpoint,
        n.kind,
        o.state,
        o.partner_id,
        s.notify_max_attempts,
        s.acknowledge_any_2xx,
        n.learned_at IS NOT NULL,
        CAST(STRFTIME('%%s', {CLOCK}) AS INTEGER),
        -- reading a moment costs as much as the rest of a row
        CASE WHEN e.recovered_at IS NOT NULL OR e.open_since IS NOT NULL THEN n.created_at END
    FROM {NOTIFICATION} n
    JOIN {ORDER} o ON o.id = n.order_id
    JOIN {STORE} s ON s.id = o.store_id
    LEFT JOIN {ENDPOINT} e ON e."key" = n.endpoint
    WHERE n.state = 'pending'
      AND n.next_at <= {NOW}
      AND (n.lease_until IS NULL OR n.lease_until <= {NOW})
      AND n.endpoint NOT IN (SELECT value FROM JSON_EACH(%(full)s))
      AND n.id NOT IN (SELECT value FROM JSON_EACH(%(seen)s))
      /* held back */
      AND NOT COALESCE(
        CASE
          WHEN e.open_since IS NOT NULL
            THEN e.next_probe_at > {NOW} OR e."key" IN (SELECT value FROM JSON_EACH(%(busy)s))
          -- when the slow start's bucket will hold one again
          ELSE n.created_at < e.recovered_at
            AND STRFTIME({MOMENT}, e.refilled_at, ((1 - e.tokens) / %(rate)s) || ' seconds') > {NOW}
        END,
        FALSE
      )
    ORDER BY n.next_at
    LIMIT %(limit)s
    """

    LEASE = f"""\
    UPDATE {NOTIFICATION}
    SET lease_until = STRFTIME({MOMENT}, {CLOCK}, %(seconds)s || ' seconds'),
        lease_token = %(token)s,
        attempt_count = attempt_count + 1
    WHERE id IN (SELECT value FROM JSON_EACH(%(ids)s))
    """

    BEGIN_ATTEMPTS = f"""\
    INSERT INTO {ATTEMPT} (notification_id, number, state, started_at, reason, answer, address)
    SELECT id, attempt_count, 'sending', {NOW}, '', '', ''
    FROM {NOTIFICATION}
    WHERE id IN (SELECT value FROM JSON_EACH(%(ids)s))
    RETURNING notification_id, id
    """

    RECORD_OUTCOMES = f"""\
    UPDATE {NOTIFICATION} AS n
    SET state = CASE
            WHEN v.outcome = 'exhausted' AND n.learned_at IS NOT NULL THEN 'learned'
            ELSE v.outcome
        END,
        last_reason = v.reason,
        lease_until = NULL,
        lease_token = '',
        next_at = CASE
            WHEN v.delay IS NULL THEN n.next_at
            ELSE STRFTIME({MOMENT}, {CLOCK}, v.delay || ' seconds')
        END,
        delivered_at = CASE WHEN v.outcome = 'delivered' THEN {NOW} ELSE n.delivered_at END,
        alarmed_at = CASE
            WHEN v.outcome = 'exhausted' AND n.learned_at IS NULL THEN {NOW}
            ELSE n.alarmed_at
        END
    FROM (
        SELECT
            JSON_EXTRACT(value, '$.id') AS id,
            JSON_EXTRACT(value, '$.lease_token') AS lease_token,
            JSON_EXTRACT(value, '$.outcome') AS outcome,
            JSON_EXTRACT(value, '$.delay') AS delay,
            JSON_EXTRACT(value, '$.reason') AS reason
        FROM JSON_EACH(%(rows)s)
    ) AS v
    WHERE n.id = v.id
      AND n.lease_token = v.lease_token
    RETURNING id, state
    """

    FINISH_ATTEMPTS = f"""\
    UPDATE {ATTEMPT} AS a
    SET state = v.outcome,
        duration_ms = v.duration_ms,
        http_status = v.http_status,
        reason = v.reason,
        answer = v.answer,
        address = v.address
    FROM (
        SELECT
            JSON_EXTRACT(value, '$.id') AS id,
            JSON_EXTRACT(value, '$.outcome') AS outcome,
            JSON_EXTRACT(value, '$.duration_ms') AS duration_ms,
            JSON_EXTRACT(value, '$.http_status') AS http_status,
            JSON_EXTRACT(value, '$.reason') AS reason,
            JSON_EXTRACT(value, '$.answer') AS answer,
            JSON_EXTRACT(value, '$.address') AS address
        FROM JSON_EACH(%(rows)s)
    ) AS v
    WHERE a.id = v.id
    """

    FIND_FAILING = f"""\
    SELECT "key"
    FROM {ENDPOINT}
    WHERE failures_in_row > 0
      AND "key" IN (SELECT value FROM JSON_EACH(%(keys)s))
    """

    FIND_LIMITED = f"""\
    SELECT "key"
    FROM {ENDPOINT}
    WHERE "key" IN (SELECT value FROM JSON_EACH(%(keys)s))
      AND (open_since IS NOT NULL OR recovered_at > STRFTIME({MOMENT}, {CLOCK}, -%(seconds)s || ' seconds'))
    """

    def find_claimable(self, held_back: int) -> str:
        """The statement for so many pairs ``held_endpoint_0``, ``held_since_0`` and so on."""
        lines = (
            f"AND NOT (n.endpoint = %(held_endpoint_{number})s AND n.created_at < %(held_since_{number})s)"
            for number in range(held_back)
        )
        return self._FIND_CLAIMABLE.replace("/* held back */", "\n  ".join(lines))

    def list_parameter(self, values: Sequence[Any]) -> Any:
        """A JSON array, for JSON_EACH."""
        return json.dumps(list(values))

    def table_parameters(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """One JSON array of objects."""
        return {"rows": json.dumps([dict(row) for row in rows])}
