"""The statements behind every create, payQuery and opening of a pay page, written once for a database.

For one row by an index the ORM takes longer to write a statement anew than the database takes to answer it. Values are
parameters, and pass through the fields' own converters where a database needs them.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db import connections, router

from scanforpay_django.fields import read_moment
from scanforpay_django.models.archived_number import ArchivedNumber
from scanforpay_django.models.notification import Notification
from scanforpay_django.models.order import TOKEN, Order
from scanforpay_django.models.payment import Payment
from scanforpay_django.models.row_statements import RowInsert, RowReader
from scanforpay_django.models.store import Store

ORDER = Order._meta.db_table
STORE = Store._meta.db_table
PAYMENT = Payment._meta.db_table
NOTIFICATION = Notification._meta.db_table

ORDERS, STORES = RowReader(Order, "o"), RowReader(Store, "s")


# An order with its store, for a pay page.

PAGE_ROW = f"""\
SELECT {ORDERS.columns}, {STORES.columns}
FROM {ORDER} o
JOIN {STORE} s ON s.id = o.store_id
WHERE o.token = %(token)s
   OR o.scan_token = %(token)s
"""


def find_page_row(token: str) -> Order | None:
    """The order whose payUrl or QR code carries ``token``, with its store."""
    # Databases differ in what they make of NUL and other rubbish: it does not reach them.
    if not TOKEN.fullmatch(token):
        return None
    database = router.db_for_write(Order)
    with connections[database].cursor() as cursor:
        cursor.execute(PAGE_ROW, {"token": token})
        found = cursor.fetchone()
    if found is None:
        return None
    order = ORDERS.read(database, found[: ORDERS.width])
    order.store = STORES.read(database, found[ORDERS.width :])
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
    connection = connections[router.db_for_write(Order)]
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        found = cursor.fetchone()
    if found is None:
        return None
    row = list(found)
    row[PAID_AT] = read_moment(row[PAID_AT], connection)
    return PayQueryRow(**dict(zip(PAY_QUERY_NAMES, row, strict=True)))


# A new order. The unique constraint is the check for duplicates: the ORM's way needs a transaction and twice the time.

#: written once for a number of its partner's, and not where the order of that number is archived
INSERT_ORDER = RowInsert(
    Order,
    once=["partner_id", "partner_order_no"],
    absent=f"""\
SELECT 1
FROM {ArchivedNumber._meta.db_table} a
WHERE a.partner_id = %(partner_id)s
  AND a.kind = '{ArchivedNumber.Kind.ORDER.value}'
  AND a.number = %(partner_order_no)s
""",
)
