"""The statements behind every create, payQuery and opening of a pay page, written once for a database.

For one row by an index the ORM takes longer to write a statement anew than the database takes to answer it. Values are
parameters, and pass through the fields' own converters where a database needs them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connections, models, router

from scanforpay_django.models.archived_number import ArchivedNumber
from scanforpay_django.models.merchant import Store
from scanforpay_django.models.notification import Notification
from scanforpay_django.models.order import TOKEN, Order
from scanforpay_django.models.payment import Payment

ARCHIVED_NUMBER = ArchivedNumber._meta.db_table
ORDER = Order._meta.db_table
STORE = Store._meta.db_table
PAYMENT = Payment._meta.db_table
NOTIFICATION = Notification._meta.db_table

ORDER_FIELDS = Order._meta.concrete_fields
STORE_FIELDS = Store._meta.concrete_fields
ORDER_NAMES = [field.attname for field in ORDER_FIELDS]
STORE_NAMES = [field.attname for field in STORE_FIELDS]


# An order with its store, for a pay page.

PAGE_ROW = f"""\
SELECT {", ".join([f"o.{field.column}" for field in ORDER_FIELDS] + [f"s.{field.column}" for field in STORE_FIELDS])}
FROM {ORDER} o
JOIN {STORE} s ON s.id = o.store_id
WHERE o.token = %(token)s
   OR o.scan_token = %(token)s
"""


@cache
def _page_row_converters(alias: str) -> Sequence[tuple[int, Callable[..., Any], Any]]:
    """What turns the database's values into Python's: the place in the row, the converter, its column."""
    ops = connections[alias].ops
    columns: list[Any] = [field.get_col(ORDER) for field in ORDER_FIELDS]
    columns += [field.get_col(STORE) for field in STORE_FIELDS]
    return [
        (place, convert, column)
        for place, column in enumerate(columns)
        for convert in (
            *ops.get_db_converters(column),
            *column.get_db_converters(connections[alias]),
        )
    ]


def find_page_row(token: str) -> Order | None:
    """The order whose payUrl or QR code carries ``token``, with its store."""
    # Databases differ in what they make of NUL and other rubbish: it does not reach them.
    if not TOKEN.fullmatch(token):
        return None
    alias = router.db_for_read(Order)
    connection = connections[alias]
    with connection.cursor() as cursor:
        cursor.execute(PAGE_ROW, {"token": token})
        found = cursor.fetchone()
    if found is None:
        return None
    row = list(found)
    for place, convert, column in _page_row_converters(alias):
        row[place] = convert(row[place], column, connection)
    width = len(ORDER_FIELDS)
    order = Order.from_db(alias, ORDER_NAMES, row[:width])
    order.store = Store.from_db(alias, STORE_NAMES, row[width:])
    return order


# An order as its merchant asks about it.


@dataclass(frozen=True, kw_only=True)
class PayQueryRow:
    """What payQuery answers from, in the order of the statement's columns."""

    order_no: str
    partner_order_no: str
    entry: str
    # minor units
    amount: int
    # ISO 4217
    currency: str
    wallet: str
    state: str
    paid_at: datetime | None
    # of the applied payment, "" while there is none
    buyer: str
    payer_id: str
    # the notification that it is paid, when an attempt has failed and the merchant has not asked since; else None
    unlearned_notification_id: int | None

    @property
    def is_code_pending(self) -> bool:
        """Whether it is a customer's code whose outcome has to be asked for: no platform notifies of these."""
        return self.entry == Order.Entry.BARCODE and self.state == Order.State.PENDING

    def status(self) -> int:
        """The integer the wire shows."""
        return Order.WIRE_STATUS[self.state]


PAY_QUERY_NAMES = [field.name for field in fields(PayQueryRow)]
PAID_AT = PAY_QUERY_NAMES.index("paid_at")

PAY_QUERY_ROW = f"""\
SELECT
    o.order_no,
    o.partner_order_no,
    o.entry,
    o.amount,
    o.currency,
    o.wallet,
    o.state,
    o.paid_at,
    COALESCE(p.buyer, ''),
    COALESCE(p.payer_id, ''),
    n.id
FROM {ORDER} o
LEFT JOIN {PAYMENT} p
    ON p.order_id = o.id
   AND p.is_applied
LEFT JOIN {NOTIFICATION} n
    ON n.order_id = o.id
   AND n.kind = 'paid'
   AND n.state IN ('pending', 'exhausted')
   AND n.last_reason <> ''
   AND n.learned_at IS NULL
WHERE o.partner_id = %(partner_id)s
"""


def find_pay_query_row(
    partner_id: int, *, order_no: str = "", partner_order_no: str = "", store_id: int | None = None
) -> PayQueryRow | None:
    """A partner's order by our number or, without one, by its own; of one store if that is given."""
    parameters: dict[str, Any] = {"partner_id": partner_id, "number": order_no or partner_order_no}
    statement = PAY_QUERY_ROW
    statement += "  AND o.order_no = %(number)s" if order_no else "  AND o.partner_order_no = %(number)s"
    if store_id is not None:
        statement += "  AND o.store_id = %(store_id)s"
        parameters["store_id"] = store_id
    connection = connections[router.db_for_read(Order)]
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        found = cursor.fetchone()
    if found is None:
        return None
    row = list(found)
    # SQLite knows no zones: its moments are UTC.
    if row[PAID_AT] is not None and connection.vendor == "sqlite":
        row[PAID_AT] = connection.ops.convert_datetimefield_value(row[PAID_AT], None, connection)  # type: ignore[attr-defined]
    return PayQueryRow(**dict(zip(PAY_QUERY_NAMES, row, strict=True)))


# A new order, once for each number of its partner.

INSERTED_FIELDS = [field for field in ORDER_FIELDS if not field.primary_key]
MOMENTS = [place for place, field in enumerate(INSERTED_FIELDS) if isinstance(field, models.DateTimeField)]

INSERT_ORDER_ONCE = f"""\
INSERT INTO {ORDER} ({", ".join(str(field.column) for field in INSERTED_FIELDS)})
SELECT {", ".join("%s" for _ in INSERTED_FIELDS)}
WHERE NOT EXISTS (
    SELECT 1
    FROM {ARCHIVED_NUMBER} a
    WHERE a.partner_id = %s
      AND a.kind = '{ArchivedNumber.Kind.ORDER.value}'
      AND a.number = %s
)
ON CONFLICT (partner_id, partner_order_no) DO NOTHING
"""


@cache
def _defaults() -> list[tuple[str, Callable[[], Any] | None, Any]]:
    """Of every column its name, and the callable or the value that fills it."""
    return [
        (field.attname, field.default, None)
        if field.has_default() and callable(field.default)
        else (field.attname, None, field.get_default())
        for field in INSERTED_FIELDS
    ]


def insert_order_once(**columns: Any) -> Order | None:
    """Write a new row in one statement; None when the partner has an order under this number, or had one that is
    archived.

    The unique constraint is the check for duplicates: the ORM's way needs a transaction and twice the time.
    PostgreSQL and SQLite speak the same words here. The order's ``pk`` is not filled in.
    """
    alias = router.db_for_write(Order)
    connection = connections[alias]
    row = [
        columns[name] if name in columns else make() if make else value for name, make, value in _defaults()
    ]
    values = list(row)
    # All others go in as they are.
    for place in MOMENTS:
        values[place] = connection.ops.adapt_datetimefield_value(values[place])
    with connection.cursor() as cursor:
        cursor.execute(INSERT_ORDER_ONCE, [*values, columns["partner_id"], columns["partner_order_no"]])
        if cursor.rowcount != 1:
            return None
    return Order.from_db(alias, ORDER_NAMES, [None, *row])
