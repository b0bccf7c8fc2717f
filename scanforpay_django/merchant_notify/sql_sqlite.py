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

    # The conditions of the partial indexes "due" and "queue".
    _IS_DUE = f"n.state = 'pending' AND n.attempt_count >= 0 AND n.next_at <= {NOW}"
    _IS_QUEUED = "n.state = 'pending' AND n.schedule_start >= 0"
    _IS_FREE = f"(n.lease_until IS NULL OR n.lease_until <= {NOW})"

    IS_ANYTHING_DUE = f"""\
    SELECT 1
    FROM {NOTIFICATION} n INDEXED BY scanforpay_notification_due
    WHERE {_IS_DUE}
      AND {_IS_FREE}
    LIMIT 1
    """

    COUNT_LEASED = f"""\
    SELECT
        n.endpoint,
        COUNT(*),
        COUNT(CASE WHEN n.lease_until <= STRFTIME({MOMENT}, {CLOCK}, %(seconds)s || ' seconds') THEN 1 END)
    FROM {NOTIFICATION} n
    WHERE n.state = 'pending' AND n.lease_until IS NOT NULL AND n.lease_until > {NOW}
    GROUP BY n.endpoint
    """

    HOLD_ENDPOINTS = "SELECT JSON_EXTRACT(value, '$.endpoint') FROM JSON_EACH(%(rows)s)"
    RELEASE_ENDPOINTS = ""

    _FIND_DUE = f"""\
    SELECT n.partner_id, n.endpoint
    FROM {NOTIFICATION} n INDEXED BY scanforpay_notification_due
    WHERE {_IS_DUE}
      AND {_IS_FREE}
    ORDER BY n.next_at
    """
    FIND_OLDEST = f"{_FIND_DUE} LIMIT %(limit)s"
    FIND_NEWEST = f"{_FIND_DUE} DESC LIMIT %(limit)s"

    NEXT_PARTNERS = f"""\
    WITH RECURSIVE visit (partner_id, number) AS (
        SELECT
            (
                SELECT n.partner_id
                FROM {NOTIFICATION} n INDEXED BY scanforpay_notification_queue
                WHERE {_IS_QUEUED}
                  AND n.partner_id > %(after)s
                ORDER BY n.partner_id, n.endpoint, n.next_at
                LIMIT 1
            ),
            1
        UNION ALL
        SELECT
            (
                SELECT n.partner_id
                FROM {NOTIFICATION} n INDEXED BY scanforpay_notification_queue
                WHERE {_IS_QUEUED}
                  AND n.partner_id > v.partner_id
                ORDER BY n.partner_id, n.endpoint, n.next_at
                LIMIT 1
            ),
            v.number + 1
        FROM visit v
        WHERE v.partner_id IS NOT NULL
          AND v.number < %(limit)s
    )
    SELECT v.partner_id
    FROM visit v
    WHERE v.partner_id IS NOT NULL
    ORDER BY v.number
    """

    NEXT_ENDPOINTS = f"""\
    WITH RECURSIVE visit (partner_id, endpoint, number) AS (
        SELECT
            k.partner_id,
            (
                SELECT n.endpoint
                FROM {NOTIFICATION} n INDEXED BY scanforpay_notification_queue
                WHERE {_IS_QUEUED}
                  AND n.partner_id = k.partner_id
                  AND n.endpoint > k.last_endpoint
                ORDER BY n.endpoint, n.next_at
                LIMIT 1
            ),
            1
        FROM (
            SELECT
                JSON_EXTRACT(value, '$.partner') AS partner_id,
                JSON_EXTRACT(value, '$.last_endpoint') AS last_endpoint
            FROM JSON_EACH(%(rows)s)
        ) AS k
        UNION ALL
        SELECT
            v.partner_id,
            (
                SELECT n.endpoint
                FROM {NOTIFICATION} n INDEXED BY scanforpay_notification_queue
                WHERE {_IS_QUEUED}
                  AND n.partner_id = v.partner_id
                  AND n.endpoint > v.endpoint
                ORDER BY n.endpoint, n.next_at
                LIMIT 1
            ),
            v.number + 1
        FROM visit v
        WHERE v.endpoint IS NOT NULL
          AND v.number < %(visits)s
    )
    SELECT
        v.partner_id,
        v.endpoint,
        (
            SELECT n.id
            FROM {NOTIFICATION} n INDEXED BY scanforpay_notification_queue
            WHERE {_IS_QUEUED}
              AND n.partner_id = v.partner_id
              AND n.endpoint = v.endpoint
              AND n.next_at <= {NOW}
              AND {_IS_FREE}
            ORDER BY n.next_at
            LIMIT 1
        ) IS NOT NULL
    FROM visit v
    WHERE v.endpoint IS NOT NULL
    ORDER BY v.number
    """

    TAKE = f"""\
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
        n.partner_id,
        s.notify_max_attempts,
        s.acknowledge_any_2xx,
        n.learned_at IS NOT NULL,
        CAST(STRFTIME('%%s', {CLOCK}) AS INTEGER),
        t.is_old
    FROM (
        /* rows */
    ) AS t
    CROSS JOIN {NOTIFICATION} n ON n.id = t.id
    CROSS JOIN {ORDER} o ON o.id = n.order_id
    CROSS JOIN {STORE} s ON s.id = o.store_id
    LIMIT %(limit)s
    """

    _TAKE_OF_ONE = f"""\
        SELECT * FROM (
            SELECT n.id, COALESCE(n.created_at < %(recovered_at_NUMBER)s, FALSE) AS is_old
            FROM {NOTIFICATION} n INDEXED BY scanforpay_notification_queue
            WHERE {_IS_QUEUED}
              AND n.partner_id = %(partner_NUMBER)s
              AND n.endpoint = %(endpoint_NUMBER)s
              AND n.next_at <= {NOW}
              AND n.next_at >= CASE WHEN %(only_newer_NUMBER)s THEN %(recovered_at_NUMBER)s ELSE '' END
              AND (NOT %(only_newer_NUMBER)s OR n.created_at >= %(recovered_at_NUMBER)s)
              AND {_IS_FREE}
            ORDER BY n.next_at
            LIMIT %(most_NUMBER)s
        )"""

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

    # RETURNING has said it.
    FIND_BEGUN = FIND_HELD = ""

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
    WHERE failures_in_row > 0 AND "key" IN (SELECT value FROM JSON_EACH(%(keys)s))
    """

    FIND_LIMITS = f"""\
    SELECT
        "key",
        cap,
        COALESCE(
            open_since IS NOT NULL OR recovered_at > STRFTIME({MOMENT}, {CLOCK}, -%(seconds)s || ' seconds'),
            FALSE
        )
    FROM {ENDPOINT}
    WHERE "key" IN (SELECT value FROM JSON_EACH(%(keys)s))
    """

    def list_parameter(self, values: Sequence[Any]) -> Any:
        """A JSON array, for JSON_EACH."""
        return json.dumps(list(values))

    def with_table(self, statement: str, rows: Sequence[Mapping[str, Any]]) -> tuple[str, dict[str, Any]]:
        """One JSON array of objects; for ``TAKE`` a part for each row, as SQLite knows no LATERAL."""
        if statement != self.TAKE:
            return statement, {"rows": json.dumps([dict(row) for row in rows])}
        parts = (self._TAKE_OF_ONE.replace("NUMBER", str(number)) for number in range(len(rows)))
        parameters = {
            f"{name}_{number}": value for number, row in enumerate(rows) for name, value in row.items()
        }
        return statement.replace("/* rows */", "\n        UNION ALL\n".join(parts).strip()), parameters
