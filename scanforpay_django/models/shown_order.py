"""An order as its merchant asks about it, by one statement."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connections, router

from scanforpay_django.models.notification import Notification
from scanforpay_django.models.order import Order
from scanforpay_django.models.payment import Payment

ORDER_COLUMNS = ("order_no", "partner_order_no", "entry", "amount", "currency", "wallet", "state", "paid_at")
PAYMENT_COLUMNS = ("buyer", "payer_id")
PAID_AT = ORDER_COLUMNS.index("paid_at")


@dataclass(frozen=True, kw_only=True)
class ShownOrder:
    """The row that payQuery answers with."""

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
    # of the settling payment, "" while there is none
    buyer: str
    payer_id: str
    # the notification that it is paid, when a try of it has failed and the merchant has not asked since; else None
    unlearned: int | None

    @property
    def is_code_pending(self) -> bool:
        """Whether it is a customer's code whose outcome has to be asked for: no platform notifies of these."""
        return self.entry == Order.Entry.BARCODE and self.state == Order.State.PENDING

    def status(self) -> int:
        """The integer the wire shows."""
        return Order.WIRE_STATUS[self.state]


@cache
def _statement(alias: str, number: str, with_store: bool) -> str:
    """The ORM takes longer to write this SELECT than the database to answer it."""
    quote = connections[alias].ops.quote_name
    orders, payments = quote(Order._meta.db_table), quote(Payment._meta.db_table)
    told = quote(Notification._meta.db_table)
    columns = [f"{orders}.{quote(name)}" for name in ORDER_COLUMNS]
    columns += [f"COALESCE({payments}.{quote(name)}, '')" for name in PAYMENT_COLUMNS]
    columns += [f"{told}.{quote('id')}"]
    store = f" AND {orders}.{quote('store_id')} = %s" if with_store else ""
    return (
        f"SELECT {', '.join(columns)} FROM {orders} "  # noqa: S608
        f"LEFT JOIN {payments} ON {payments}.{quote('order_id')} = {orders}.{quote('id')} AND {payments}.is_applied "
        f"LEFT JOIN {told} ON {told}.{quote('order_id')} = {orders}.{quote('id')} AND {told}.kind = 'paid' "
        f"AND {told}.state IN ('pending', 'exhausted') AND {told}.last_reason <> '' AND {told}.learned_at IS NULL "
        f"WHERE {orders}.{quote('partner_id')} = %s AND {orders}.{quote(number)} = %s{store}"
    )


def find_shown(
    partner_id: int, *, order_no: str = "", partner_order_no: str = "", store_id: int | None = None
) -> ShownOrder | None:
    """A partner's order by our number or, without one, by its own; of one store if that is given."""
    alias = router.db_for_read(Order)
    connection = connections[alias]
    values: list[Any] = [partner_id, order_no or partner_order_no]
    values += [] if store_id is None else [store_id]
    statement = _statement(alias, "order_no" if order_no else "partner_order_no", store_id is not None)
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row = cursor.fetchone()
    if row is None:
        return None
    found = list(row)
    # SQLite knows no zones: its moments are UTC.
    if found[PAID_AT] is not None and connection.vendor == "sqlite":
        found[PAID_AT] = connection.ops.convert_datetimefield_value(found[PAID_AT], None, connection)  # type: ignore[attr-defined]
    return ShownOrder(**dict(zip((*ORDER_COLUMNS, *PAYMENT_COLUMNS, "unlearned"), found, strict=True)))
