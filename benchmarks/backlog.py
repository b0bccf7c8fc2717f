"""A backlog of any size and shape, written by the database itself. Import after ``django.setup()``."""

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection

from benchmarks.merchants import hanging_name_sql, origin_sql
from scanforpay_django import clock
from scanforpay_django.merchant_notify.outbox import enqueue
from scanforpay_django.models import Endpoint, Notification, Order, Partner, SignKey
from tests.chaos.events import paid_order, seed
from tests.row_copies import copies

HISTORY_ENDPOINTS = 64
#: when messages became due: one after another, or all at the same moment
ONE_BY_ONE, AT_ONCE = "one by one", "at once"
_MOMENTS = {
    "postgresql": {ONE_BY_ONE: "now() - g * interval '1 millisecond'", AT_ONCE: "now()"},
    "mysql": {
        ONE_BY_ONE: "utc_timestamp(6) - interval g * 1000 microsecond",
        AT_ONCE: "utc_timestamp(6)",
    },
}
#: what was delivered is of two months ago: the worker would count what was sold just now for the overview, meanwhile
_NOW = {"postgresql": "now()", "mysql": "utc_timestamp(6)"}
_LONG_AGO = {"postgresql": "now() - interval '60 days'", "mysql": "utc_timestamp(6) - interval 60 day"}
#: the statistics are taken
_ANALYSE = {
    "postgresql": ["VACUUM ANALYZE", "CHECKPOINT"],
    "mysql": [
        f"ANALYZE TABLE {Notification._meta.db_table}, {Order._meta.db_table}",
        f"ALTER TABLE {Notification._meta.db_table} STATS_AUTO_RECALC = 0",
    ],
}


@dataclass(frozen=True, kw_only=True)
class Shape:
    """Messages that wait."""

    count: int
    endpoints: int
    # whose they are: so many partners are left out; then a partner for each endpoint, or one for all
    first_partner: int = 0
    one_partner: bool = False
    # of the merchants' addresses; benchmarks.sink
    network: int = 0
    port: int = 9
    # whether they are names that are never resolved
    hanging_names: bool = False
    moment: str = ONE_BY_ONE


def waiting() -> Any:
    """Messages that wait; by the partial index (its condition has the second part), for the clock runs meanwhile."""
    return Notification.objects.filter(state="pending", attempt_count__gte=0).order_by()


class Backlog:
    """Partners with a key each, delivered messages, and statistics that were taken while nothing waited."""

    def __init__(self, history: int, partners: int) -> None:
        store = seed(1)[0]
        copies(Partner, store.partner_id, {"partner_no": "100000 + g"}, max(partners, HISTORY_ENDPOINTS))
        self._give_keys()
        self._order = paid_order(store, "http://127.0.0.1:9/n", 0)
        self._order.save(force_insert=True)
        made = enqueue(self._order)
        assert made is not None
        self._message = made
        self._first_partner = store.partner_id + 1
        Notification.objects.filter(pk=made.pk).update(state="delivered")
        self.add(Shape(count=history, endpoints=HISTORY_ENDPOINTS, moment=AT_ONCE), "delivered")
        with connection.cursor() as cursor:
            for statement in _ANALYSE[connection.vendor]:
                cursor.execute(statement)

    @staticmethod
    def _give_keys() -> None:
        """One of its own for each, for a worker decrypts each of them."""
        keys = []
        for partner in Partner.objects.filter(sign_keys=None):
            key = SignKey(partner=partner)
            key.set_secret(f"key-of-{partner.pk}")
            keys.append(key)
        SignKey.objects.bulk_create(keys, batch_size=1000)

    def add(self, shape: Shape, state: str = "pending") -> None:
        """Orders with a message each, over the endpoints in turn."""
        tag = time.monotonic_ns()
        unique = {
            name: f"left(md5('{tag}-' || g || '{name}'), 20)" for name in ("order_no", "token", "scan_token")
        }
        last = Order.objects.order_by("pk").values_list("pk", flat=True).last()
        orders = {**unique, "id": f"{last} + g", "partner_order_no": f"'c{tag}-' || g"}
        orders |= dict.fromkeys(("created_at", "paid_at"), _NOW[connection.vendor])
        if state == "delivered":
            orders |= dict.fromkeys(("created_at", "paid_at"), _LONG_AGO[connection.vendor])
            # Keys are in the order of time: what they were copied from is older than what is sold now, too.
            Order.objects.update(created_at=clock.now() - timedelta(days=60))
        copies(Order, self._order.pk, orders, shape.count)
        copies(Notification, self._message.pk, self._changes(shape, state, tag, last), shape.count)

    def _changes(self, shape: Shape, state: str, tag: int, last: int) -> dict[str, str]:
        number = f"g % {shape.endpoints}"
        partner = self._first_partner + shape.first_partner
        origin = origin_sql(number, shape.port, shape.network)
        if shape.hanging_names:
            origin = hanging_name_sql(number)
        return {
            "order_id": f"{last} + g",
            "message_id": f"left(md5('{tag}-' || g), 30)",
            "state": f"'{state}'",
            "partner_id": f"{partner}" if shape.one_partner else f"{partner} + {number}",
            "url": f"{origin} || '/n'",
            "endpoint": f"'{partner} ' || {origin}",
            "next_at": _MOMENTS[connection.vendor][shape.moment],
        }

    @staticmethod
    def is_empty() -> bool:
        """Whether nothing waits."""
        return not waiting().exists()

    @staticmethod
    def clear() -> None:
        """As if all had been delivered, and no endpoint were known."""
        waiting().update(state="delivered", lease_until=None)
        Endpoint.objects.all().delete()
