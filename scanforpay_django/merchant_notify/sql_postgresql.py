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
        EXTRACT(EPOCH FROM {NOW})::bigint,
        -- reading a moment costs as much as the rest of a row
        CASE WHEN e.recovered_at IS NOT NULL OR e.open_since IS NOT NULL THEN n.created_at END
    FROM {NOTIFICATION} n
    JOIN {ORDER} o ON o.id = n.order_id
    JOIN {STORE} s ON s.id = o.store_id
    LEFT JOIN {ENDPOINT} e ON e.key = n.endpoint
    WHERE n.state = 'pending'
      AND n.next_at <= {NOW}
      AND (n.lease_until IS NULL OR n.lease_until <= {NOW})
      AND n.endpoint <> ALL(%(full)s)
      AND n.id <> ALL(%(seen)s)
      /* held back */
      AND NOT COALESCE(
        CASE
          WHEN e.open_since IS NOT NULL
            THEN e.next_probe_at > {NOW} OR e.key = ANY(%(busy)s)
          -- when the slow start's bucket will hold one again
          ELSE n.created_at < e.recovered_at
            AND e.refilled_at + ((1 - e.tokens) / %(rate)s) * INTERVAL '1 second' > {NOW}
        END,
        FALSE
      )
    ORDER BY n.next_at
    LIMIT %(limit)s
    FOR UPDATE OF n SKIP LOCKED
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

    FIND_LIMITED = f"""\
    SELECT key
    FROM {ENDPOINT}
    WHERE key = ANY(%(keys)s)
      AND (open_since IS NOT NULL OR recovered_at > {NOW} - %(seconds)s * INTERVAL '1 second')
    """

    def find_claimable(self, held_back: int) -> str:
        """The statement for so many pairs ``held_endpoint_0``, ``held_since_0`` and so on."""
        lines = (
            f"AND NOT (n.endpoint = %(held_endpoint_{number})s AND n.created_at < %(held_since_{number})s)"
            for number in range(held_back)
        )
        return self._FIND_CLAIMABLE.replace("/* held back */", "\n  ".join(lines))

    def list_parameter(self, values: Sequence[Any]) -> Any:
        """The array itself: the driver binds it."""
        return list(values)

    def table_parameters(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """An array for each column."""
        return {name: [row[name] for row in rows] for name in rows[0]}
