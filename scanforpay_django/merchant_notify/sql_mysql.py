"""The queue's statements for MariaDB and MySQL; ``sql.Statements`` says what each one does.

Not all servers that Django takes know LATERAL and RETURNING, and none a partial index. So indexes begin with the state
(``indexes.PartialIndex``), each endpoint has a part of one UNION, and what a statement wrote is read by a second one.

The indexes are named, for an optimizer with old statistics takes another. DISTINCT over the first columns of an index
is answered by leaps from one value to the next (EXPLAIN: "Using index for group-by"); a recursive statement that leaps
takes a hundred times as long on MariaDB 10.11.

Moments are UTC, whatever the session's time zone is. A driver writes a tuple as a list in brackets.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from scanforpay_django.models import Endpoint, Notification, NotificationAttempt, Order, Store


class MySQLStatements:
    """As MariaDB and MySQL take them."""

    def __init__(self, *, skips_locked: bool = True) -> None:
        """MariaDB 10.5 has no SKIP LOCKED: claims wait for each other there."""
        self._lock = "FOR UPDATE SKIP LOCKED" if skips_locked else "FOR UPDATE"

    NOTIFICATION = Notification._meta.db_table
    ATTEMPT = NotificationAttempt._meta.db_table
    ENDPOINT = Endpoint._meta.db_table
    ORDER = Order._meta.db_table
    STORE = Store._meta.db_table

    # The one place where these statements read the clock.
    NOW = "(UTC_TIMESTAMP(6) + INTERVAL %(clock_offset)s SECOND)"

    _BY_MOMENT = f"{NOTIFICATION} n FORCE INDEX (scanforpay_notification_due)"
    _BY_ENDPOINT = f"{NOTIFICATION} n FORCE INDEX (scanforpay_notification_queue)"
    _IS_DUE = f"n.state = 'pending' AND n.next_at <= {NOW}"
    _IS_FREE = f"(n.lease_until IS NULL OR n.lease_until <= {NOW})"

    IS_ANYTHING_DUE = f"""\
    SELECT 1
    FROM {_BY_MOMENT}
    WHERE {_IS_DUE}
      AND {_IS_FREE}
    LIMIT 1
    """

    COUNT_LEASED = f"""\
    SELECT
        n.endpoint,
        COUNT(*),
        COUNT(CASE WHEN n.lease_until <= {NOW} + INTERVAL %(seconds)s SECOND THEN 1 END)
    FROM {NOTIFICATION} n FORCE INDEX (scanforpay_notification_leased)
    WHERE n.state = 'pending'
      AND n.lease_until > {NOW}
    GROUP BY n.endpoint
    """

    # These locks belong to the session, and their names to the server.
    HOLD_ENDPOINTS = """\
    SELECT k.endpoint
    FROM (
        /* rows */
    ) AS k
    WHERE GET_LOCK(CONCAT('scanforpay ', MD5(CONCAT(DATABASE(), ' ', k.endpoint))), 0) = 1
    """
    # A claim's connection holds no others: it is in no transaction of its project's.
    RELEASE_ENDPOINTS = "DO RELEASE_ALL_LOCKS()"

    _FIND_DUE = f"""\
    SELECT n.partner_id, n.endpoint
    FROM {_BY_MOMENT}
    WHERE {_IS_DUE}
      AND {_IS_FREE}
    ORDER BY n.next_at
    """
    FIND_OLDEST = f"{_FIND_DUE} LIMIT %(limit)s"
    FIND_NEWEST = f"{_FIND_DUE} DESC LIMIT %(limit)s"

    NEXT_PARTNERS = f"""\
    SELECT t.partner_id
    FROM (
        SELECT DISTINCT n.state, n.partner_id
        FROM {_BY_ENDPOINT}
        WHERE n.state = 'pending'
          AND n.partner_id > %(after)s
        ORDER BY n.state, n.partner_id
        LIMIT %(limit)s
    ) AS t
    ORDER BY t.partner_id
    """

    NEXT_ENDPOINTS = f"""\
    SELECT
        t.partner_id,
        t.endpoint,
        (
            SELECT n.id
            FROM {_BY_ENDPOINT}
            WHERE {_IS_DUE}
              AND n.partner_id = t.partner_id
              AND n.endpoint = t.endpoint
              AND {_IS_FREE}
            ORDER BY n.next_at
            LIMIT 1
        ) IS NOT NULL
    FROM (
        /* rows */
    ) AS t
    ORDER BY t.partner_id, t.endpoint
    """

    _ENDPOINTS_OF_ONE = f"""\
        (
            SELECT DISTINCT n.state, n.partner_id, n.endpoint
            FROM {_BY_ENDPOINT}
            WHERE n.state = 'pending'
              AND n.partner_id = %(partner_NUMBER)s
              AND n.endpoint > %(last_endpoint_NUMBER)s
            ORDER BY n.state, n.partner_id, n.endpoint
            LIMIT %(visits)s
        )"""

    # STRAIGHT_JOIN: orders and stores are looked up for what was found, and are not locked.
    TAKE = f"""\
    SELECT
        t.id,
        t.attempt_count,
        t.schedule_start,
        t.lease_token,
        t.content,
        t.message_id,
        t.url,
        t.endpoint,
        t.kind,
        o.state,
        t.partner_id,
        s.notify_max_attempts,
        s.acknowledge_any_2xx,
        t.learned_at IS NOT NULL,
        TIMESTAMPDIFF(SECOND, '1970-01-01', {NOW}),
        t.is_old
    FROM (
        /* rows */
    ) AS t
    STRAIGHT_JOIN {ORDER} o ON o.id = t.order_id
    STRAIGHT_JOIN {STORE} s ON s.id = o.store_id
    LIMIT %(limit)s
    """

    _TAKE_OF_ONE = f"""\
        (
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
                n.order_id,
                n.partner_id,
                n.learned_at,
                COALESCE(n.created_at < %(recovered_at_NUMBER)s, FALSE) AS is_old
            FROM {_BY_ENDPOINT}
            WHERE {_IS_DUE}
              AND n.partner_id = %(partner_NUMBER)s
              AND n.endpoint = %(endpoint_NUMBER)s
              AND (
                  NOT %(only_newer_NUMBER)s
                  OR n.next_at >= %(recovered_at_NUMBER)s AND n.created_at >= %(recovered_at_NUMBER)s
              )
              AND {_IS_FREE}
            ORDER BY n.next_at
            LIMIT %(most_NUMBER)s
            /* lock */
        )"""

    LEASE = f"""\
    UPDATE {NOTIFICATION}
    SET lease_until = {NOW} + INTERVAL %(seconds)s SECOND,
        lease_token = %(token)s,
        attempt_count = attempt_count + 1
    WHERE id IN %(ids)s
    """

    BEGIN_ATTEMPTS = f"""\
    INSERT INTO {ATTEMPT} (notification_id, number, state, started_at, reason, answer, address)
    SELECT id, attempt_count, 'sending', {NOW}, '', '', ''
    FROM {NOTIFICATION}
    WHERE id IN %(ids)s
    """

    FIND_BEGUN = f"""\
    SELECT notification_id, id
    FROM {ATTEMPT}
    WHERE notification_id IN %(ids)s
      AND state = 'sending'
    """

    FIND_HELD = f"""\
    SELECT
        n.id,
        CASE WHEN v.outcome = 'exhausted' AND n.learned_at IS NOT NULL THEN 'learned' ELSE v.outcome END
    FROM (
        /* rows */
    ) AS v
    STRAIGHT_JOIN {NOTIFICATION} n ON n.id = v.id
    WHERE n.lease_token = v.lease_token
    FOR UPDATE
    """

    RECORD_OUTCOMES = f"""\
    UPDATE (
        /* rows */
    ) AS v
    STRAIGHT_JOIN {NOTIFICATION} n ON n.id = v.id
    SET n.state = CASE
            WHEN v.outcome = 'exhausted' AND n.learned_at IS NOT NULL THEN 'learned'
            ELSE v.outcome
        END,
        n.last_reason = v.reason,
        n.lease_until = NULL,
        n.lease_token = '',
        n.next_at = CASE
            WHEN v.delay IS NULL THEN n.next_at
            ELSE {NOW} + INTERVAL v.delay SECOND
        END,
        n.delivered_at = CASE WHEN v.outcome = 'delivered' THEN {NOW} ELSE n.delivered_at END,
        n.alarmed_at = CASE
            WHEN v.outcome = 'exhausted' AND n.learned_at IS NULL THEN {NOW}
            ELSE n.alarmed_at
        END
    WHERE n.lease_token = v.lease_token
    """

    FINISH_ATTEMPTS = f"""\
    UPDATE (
        /* rows */
    ) AS v
    STRAIGHT_JOIN {ATTEMPT} a ON a.id = v.id
    SET a.state = v.outcome,
        a.duration_ms = v.duration_ms,
        a.http_status = v.http_status,
        a.reason = v.reason,
        a.answer = v.answer,
        a.address = v.address
    """

    FIND_FAILING = f"""\
    SELECT `key`
    FROM {ENDPOINT}
    WHERE failures_in_row > 0
      AND `key` IN %(keys)s
    """

    FIND_LIMITS = f"""\
    SELECT
        `key`,
        cap,
        COALESCE(open_since IS NOT NULL OR recovered_at > {NOW} - INTERVAL %(seconds)s SECOND, FALSE)
    FROM {ENDPOINT}
    WHERE `key` IN %(keys)s
    """

    # what each row of a table becomes; of the others, one SELECT of its values
    _PARTS = {NEXT_ENDPOINTS: _ENDPOINTS_OF_ONE, TAKE: _TAKE_OF_ONE}

    def list_parameter(self, values: Sequence[Any]) -> Any:
        """A tuple, which the driver writes in brackets."""
        return tuple(values)

    def with_table(self, statement: str, rows: Sequence[Mapping[str, Any]]) -> tuple[str, dict[str, Any]]:
        """A part for each row: JSON_TABLE and VALUES are not the same, or missing, on older servers."""
        values = "SELECT " + ", ".join(f"%({name}_NUMBER)s AS {name}" for name in rows[0])
        part = self._PARTS.get(statement, values)
        parts = "\n        UNION ALL\n        ".join(
            part.strip().replace("NUMBER", str(number)).replace("/* lock */", self._lock)
            for number in range(len(rows))
        )
        parameters = {
            f"{name}_{number}": value for number, row in enumerate(rows) for name, value in row.items()
        }
        return statement.replace("/* rows */", parts), parameters
