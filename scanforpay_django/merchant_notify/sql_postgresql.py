"""The queue's statements for PostgreSQL; ``sql.Statements`` says what each one does."""

from collections.abc import Mapping, Sequence
from typing import Any

from scanforpay_django.models import Endpoint, Notification, NotificationAttempt, Order, Store


class PostgreSQLStatements:
    """As PostgreSQL takes them."""

    NOTIFICATION = Notification._meta.db_table
    ATTEMPT = NotificationAttempt._meta.db_table
    ENDPOINT = Endpoint._meta.db_table
    ORDER = Order._meta.db_table
    STORE = Store._meta.db_table

    # The one place where these statements read the clock.
    NOW = "(STATEMENT_TIMESTAMP() + %(clock_offset)s * INTERVAL '1 second')"

    # The conditions of the partial indexes "due" and "queue": a statement with the one cannot use the other.
    _IS_DUE = f"n.state = 'pending' AND n.attempt_count >= 0 AND n.next_at <= {NOW}"
    _IS_QUEUED = "n.state = 'pending' AND n.schedule_start >= 0"
    _IS_FREE = f"(n.lease_until IS NULL OR n.lease_until <= {NOW})"

    IS_ANYTHING_DUE = f"""\
    SELECT 1
    FROM {NOTIFICATION} n
    WHERE {_IS_DUE}
      AND {_IS_FREE}
    LIMIT 1
    """

    COUNT_LEASED = f"""\
    SELECT
        n.endpoint,
        COUNT(*),
        COUNT(CASE WHEN n.lease_until <= {NOW} + %(seconds)s * INTERVAL '1 second' THEN 1 END)
    FROM {NOTIFICATION} n
    WHERE n.state = 'pending'
      AND n.lease_until IS NOT NULL
      AND n.lease_until > {NOW}
    GROUP BY n.endpoint
    """

    # The first number ("SCPY") keeps these locks apart from those of others. Where two keys have one hash, one of them
    # waits for the next claim.
    HOLD_ENDPOINTS = """\
    SELECT k.endpoint
    FROM UNNEST(%(endpoint)s::text[]) AS k (endpoint)
    WHERE PG_TRY_ADVISORY_XACT_LOCK(1396920409, HASHTEXT(k.endpoint))
    """
    RELEASE_ENDPOINTS = ""

    _FIND_DUE = f"""\
    SELECT n.partner_id, n.endpoint
    FROM {NOTIFICATION} n
    WHERE {_IS_DUE}
      AND {_IS_FREE}
    ORDER BY n.next_at
    """
    FIND_OLDEST = f"{_FIND_DUE} LIMIT %(limit)s"
    FIND_NEWEST = f"{_FIND_DUE} DESC LIMIT %(limit)s"

    # A scalar subquery with LIMIT for each step: nothing that a planner could turn into a join or a hash.
    NEXT_PARTNERS = f"""\
    WITH RECURSIVE visit (partner_id, number) AS (
        SELECT
            (
                SELECT n.partner_id
                FROM {NOTIFICATION} n
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
                FROM {NOTIFICATION} n
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
                FROM {NOTIFICATION} n
                WHERE {_IS_QUEUED}
                  AND n.partner_id = k.partner_id
                  AND n.endpoint > k.last_endpoint
                ORDER BY n.endpoint, n.next_at
                LIMIT 1
            ),
            1
        FROM UNNEST(%(partner)s::bigint[], %(last_endpoint)s::text[]) AS k (partner_id, last_endpoint)
        UNION ALL
        SELECT
            v.partner_id,
            (
                SELECT n.endpoint
                FROM {NOTIFICATION} n
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
            FROM {NOTIFICATION} n
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
    WITH taken AS MATERIALIZED (
        SELECT r.*
        FROM UNNEST(
            %(partner)s::bigint[],
            %(endpoint)s::text[],
            %(most)s::integer[],
            %(recovered_at)s::timestamptz[],
            %(only_newer)s::boolean[]
        ) AS k (partner_id, endpoint, most, recovered_at, only_newer)
        CROSS JOIN LATERAL (
            SELECT n.*, COALESCE(n.created_at < k.recovered_at, FALSE) AS is_old
            FROM {NOTIFICATION} n
            WHERE {_IS_QUEUED}
              AND n.partner_id = k.partner_id
              AND n.endpoint = k.endpoint
              AND n.next_at <= {NOW}
              AND n.next_at >= CASE WHEN k.only_newer THEN k.recovered_at ELSE '-infinity' END
              AND (NOT k.only_newer OR n.created_at >= k.recovered_at)
              AND {_IS_FREE}
            ORDER BY n.next_at
            LIMIT k.most
            FOR UPDATE SKIP LOCKED
        ) AS r
        LIMIT %(limit)s
    )
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
        EXTRACT(EPOCH FROM {NOW})::bigint,
        n.is_old
    FROM taken n
    JOIN {ORDER} o ON o.id = n.order_id
    JOIN {STORE} s ON s.id = o.store_id
    """

    LEASE = f"""\
    UPDATE {NOTIFICATION}
    SET lease_until = {NOW} + %(seconds)s * INTERVAL '1 second',
        lease_token = %(token)s,
        attempt_count = attempt_count + 1
    WHERE id = ANY(%(ids)s)
    """

    BEGIN_ATTEMPTS = f"""\
    INSERT INTO {ATTEMPT} (notification_id, number, state, started_at, reason, answer, address)
    SELECT id, attempt_count, 'sending', {NOW}, '', '', ''
    FROM {NOTIFICATION}
    WHERE id = ANY(%(ids)s)
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
            ELSE {NOW} + v.delay * INTERVAL '1 second'
        END,
        delivered_at = CASE WHEN v.outcome = 'delivered' THEN {NOW} ELSE n.delivered_at END,
        alarmed_at = CASE
            WHEN v.outcome = 'exhausted' AND n.learned_at IS NULL THEN {NOW}
            ELSE n.alarmed_at
        END
    FROM UNNEST(
        %(id)s::bigint[],
        %(lease_token)s::text[],
        %(outcome)s::text[],
        %(delay)s::float8[],
        %(reason)s::text[]
    ) AS v (id, lease_token, outcome, delay, reason)
    WHERE n.id = v.id
      AND n.lease_token = v.lease_token
    RETURNING n.id, n.state
    """

    FINISH_ATTEMPTS = f"""\
    UPDATE {ATTEMPT} AS a
    SET state = v.outcome,
        duration_ms = v.duration_ms,
        http_status = v.http_status,
        reason = v.reason,
        answer = v.answer,
        address = v.address
    FROM UNNEST(
        %(id)s::bigint[],
        %(outcome)s::text[],
        %(duration_ms)s::integer[],
        %(http_status)s::integer[],
        %(reason)s::text[],
        %(answer)s::text[],
        %(address)s::text[]
    ) AS v (id, outcome, duration_ms, http_status, reason, answer, address)
    WHERE a.id = v.id
    """

    FIND_FAILING = f"""\
    SELECT key
    FROM {ENDPOINT}
    WHERE failures_in_row > 0
      AND key = ANY(%(keys)s)
    """

    FIND_LIMITS = f"""\
    SELECT
        key,
        cap,
        COALESCE(open_since IS NOT NULL OR recovered_at > {NOW} - %(seconds)s * INTERVAL '1 second', FALSE)
    FROM {ENDPOINT}
    WHERE key = ANY(%(keys)s)
    """

    def list_parameter(self, values: Sequence[Any]) -> Any:
        """The array itself: the driver binds it."""
        return list(values)

    def with_table(self, statement: str, rows: Sequence[Mapping[str, Any]]) -> tuple[str, dict[str, Any]]:
        """An array for each column."""
        return statement, {name: [row[name] for row in rows] for name in rows[0]}
