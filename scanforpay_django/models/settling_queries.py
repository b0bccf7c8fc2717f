"""The statements that make an order paid, written once for a database: a platform waits for five seconds at most, and a
payment comes to six of them.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connections, router

from scanforpay_django import clock
from scanforpay_django.fields import stored_moment
from scanforpay_django.models.handler_call import HandlerCall
from scanforpay_django.models.merchant import Partner
from scanforpay_django.models.order import Order
from scanforpay_django.models.payment import Payment
from scanforpay_django.models.platform_notification import (
    NOT_APPLIED,
    REPEATED_OUTCOME,
    PlatformNotification,
)
from scanforpay_django.models.row_statements import Beside, RowInsert, RowReader
from scanforpay_django.models.store import Store

PAYMENT = Payment._meta.db_table

_PAYMENTS, _ORDERS = RowReader(Payment, "p"), RowReader(Order, "o")
_STORES, _PARTNERS = RowReader(Store, "s"), RowReader(Partner, "m")

INSERT_PLATFORM_NOTIFICATION = RowInsert(PlatformNotification, once=["account_id", "event_id"])

_BY_NUMBER = "p.out_trade_no = %(out_trade_no)s AND p.account_id = %(account_id)s"
# PostgreSQL locks in the order in which OF names the tables: the order, then its payment (models/locks.py). SQLite's
# transaction has locked the whole database. MariaDB has no OF, and MySQL's says nothing of the sequence.
_TRADE = f"""\
SELECT {_PAYMENTS.columns}, {_ORDERS.columns}, {_STORES.columns}, {_PARTNERS.columns}
FROM {PAYMENT} p
JOIN {Order._meta.db_table} o ON o.id = p.order_id
JOIN {Store._meta.db_table} s ON s.id = o.store_id
JOIN {Partner._meta.db_table} m ON m.id = o.partner_id
WHERE {_BY_NUMBER}
"""
_LOCK = {"postgresql": "FOR UPDATE OF o, p", "sqlite": ""}


def lock_trade(account_id: int, out_trade_no: str) -> Payment | None:
    """An account's payment by our number, as it is now, with its order, that one's store and partner. Order and payment
    are locked until the transaction ends.
    """
    database = router.db_for_write(Payment)
    connection = connections[database]
    by_number: dict[str, Any] = {"account_id": account_id, "out_trade_no": out_trade_no}
    with connection.cursor() as cursor:
        if connection.vendor == "mysql":
            found = _lock_by_steps(cursor, by_number)
        else:
            cursor.execute(_TRADE + _LOCK[connection.vendor], by_number)
            found = cursor.fetchone()
    if found is None:
        return None
    rows: list[Any] = []
    for reader in (_PAYMENTS, _ORDERS, _STORES, _PARTNERS):
        rows.append(reader.read(database, found[: reader.width]))
        found = found[reader.width :]
    payment: Payment = rows[0]
    payment.order, payment.order.store, payment.order.partner = rows[1:]
    return payment


_STEPS = (
    f"SELECT {_ORDERS.columns} FROM {Order._meta.db_table} o WHERE o.id = %(order_id)s FOR UPDATE",
    f"SELECT {_PAYMENTS.columns} FROM {PAYMENT} p WHERE {_BY_NUMBER} FOR UPDATE",
    f"""\
SELECT {_STORES.columns}, {_PARTNERS.columns}
FROM {Order._meta.db_table} o
JOIN {Store._meta.db_table} s ON s.id = o.store_id
JOIN {Partner._meta.db_table} m ON m.id = o.partner_id
WHERE o.id = %(order_id)s
""",
)


def _lock_by_steps(cursor: Any, by_number: dict[str, Any]) -> tuple[Any, ...] | None:
    """The columns of ``_TRADE``."""
    cursor.execute(f"SELECT p.order_id FROM {PAYMENT} p WHERE {_BY_NUMBER}", by_number)
    found = cursor.fetchone()
    if found is None:
        return None
    rows = []
    for step in _STEPS:
        cursor.execute(step, {**by_number, "order_id": found[0]})
        row = cursor.fetchone()
        if row is None:
            # Archived since the number was read.
            return None
        rows.append(row)
    order, payment, others = rows
    return (*payment, *order, *others)


# Money that has arrived, and the other attempts of its order, which are to be closed at once.

_RECORD_PAID = f"""\
UPDATE {PAYMENT}
SET state = CASE WHEN id = %(id)s THEN 'paid' ELSE 'closing' END,
    next_query_at = CASE WHEN id = %(id)s THEN NULL ELSE %(at_once)s END,
    failing_since = CASE WHEN id = %(id)s THEN NULL ELSE failing_since END,
    trade_no = CASE WHEN id = %(id)s THEN %(trade_no)s ELSE trade_no END,
    paid_at = CASE WHEN id = %(id)s THEN %(paid_at)s ELSE paid_at END,
    paid_amount = CASE WHEN id = %(id)s THEN %(paid_amount)s ELSE paid_amount END,
    paid_currency = CASE WHEN id = %(id)s THEN %(paid_currency)s ELSE paid_currency END,
    buyer = CASE WHEN id = %(id)s THEN %(buyer)s ELSE buyer END,
    is_applied = CASE WHEN id = %(id)s THEN %(is_applied)s ELSE is_applied END,
    is_unapplied = CASE WHEN id = %(id)s THEN %(is_unapplied)s ELSE is_unapplied END
WHERE order_id = %(order_id)s
  AND (id = %(id)s OR %(is_applied)s AND state IN ('created', 'open', 'closing'))
"""


def record_paid(payment: Payment) -> None:
    """Write what ``payment`` says of the money that arrived. Where it was applied, the order's other attempts that may
    still be paid are to be closed: the sweep closes them at the platform. Call under the locks of order and payment.
    """
    connection = connections[router.db_for_write(Payment)]

    def moment(value: datetime | None) -> Any:
        return stored_moment(value, connection)

    with connection.cursor() as cursor:
        cursor.execute(
            _RECORD_PAID,
            {
                "id": payment.pk,
                "order_id": payment.order_id,
                "at_once": moment(clock.now() - timedelta(seconds=1)),
                "trade_no": payment.trade_no,
                "paid_at": moment(payment.paid_at),
                "paid_amount": payment.paid_amount,
                "paid_currency": payment.paid_currency,
                "buyer": payment.buyer,
                "is_applied": payment.is_applied,
                "is_unapplied": payment.is_unapplied,
            },
        )


# The calls of the project's handlers, written with the merchant's notification.

_CALLS = f"""\
INSERT INTO {HandlerCall._meta.db_table}
    (order_id, event, subject, handler, state, created_at, next_at, attempt_count, lease_token, last_error)
SELECT %(call_order)s, %(call_event)s, '', c.name, 'pending', %(call_at)s, %(call_at)s, 0, '', ''
FROM UNNEST(%(call_names)s::text[]) AS c (name)
ON CONFLICT (order_id, event, subject, handler) DO NOTHING
"""


def handler_calls_beside(order_id: int, event: str, names: Sequence[str]) -> Beside | None:
    """A row for each handler, for another INSERT to take along; None where a statement writes to one table."""
    if connections[router.db_for_write(HandlerCall)].vendor != "postgresql":
        return None
    values = {
        "call_order": order_id,
        "call_event": event,
        "call_at": clock.now(),
        "call_names": list(names),
    }
    return Beside(statement=_CALLS, parameters=values)


# What a platform says again.

_NOT_APPLIED = ", ".join(f"'{outcome}'" for outcome in NOT_APPLIED)
_IS_NEWS = f"(outcome = '' OR %(outcome)s NOT IN ('', %(repeated)s) AND outcome IN ({_NOT_APPLIED}))"
_COUNT_REPEAT = f"""\
UPDATE {PlatformNotification._meta.db_table}
SET times_seen = times_seen + 1,
    payment_id = CASE WHEN {_IS_NEWS} THEN %(payment_id)s ELSE payment_id END,
    outcome = CASE WHEN {_IS_NEWS} THEN %(outcome)s ELSE outcome END
WHERE account_id = %(account_id)s
  AND event_id = %(event_id)s
"""


def count_repeat(account_id: int, event_id: str, payment_id: int | None, outcome: str) -> bool:
    """Note that a platform said an event again, and what it came to where nothing had come of it; False where the event
    is not known.
    """
    with connections[router.db_for_write(PlatformNotification)].cursor() as cursor:
        cursor.execute(
            _COUNT_REPEAT,
            {
                "account_id": account_id,
                "event_id": event_id,
                "payment_id": payment_id,
                "outcome": str(outcome),
                "repeated": REPEATED_OUTCOME,
            },
        )
        return bool(cursor.rowcount)


_COUNT_KNOWN = f"""\
UPDATE {PlatformNotification._meta.db_table}
SET times_seen = times_seen + 1
WHERE account_id = %(account_id)s
  AND event_id = %(event_id)s
  AND outcome NOT IN ({_NOT_APPLIED})
"""


def count_known(account_id: int, event_id: str) -> bool:
    """The same for an event that something came of; False where nothing did, or it is not known."""
    with connections[router.db_for_write(PlatformNotification)].cursor() as cursor:
        cursor.execute(_COUNT_KNOWN, {"account_id": account_id, "event_id": event_id})
        return bool(cursor.rowcount)
