"""Claims from queues of every shape: ``python -m benchmarks.claim [--history 1000000] [--due 1000,50000]``.

A PostgreSQL of its own, filled with delivered notifications and their orders, and analysed while nothing waits; then
for each shape messages that are due, of a partner for each endpoint or (--one-partner) of one for all, due one after
another or (--equal) at the same moment, and so many claims. What is claimed is delivered in between, as a worker
does. Printed are the median and the 99th percentile of claim().
"""

import os
import statistics
import time
from argparse import ArgumentParser
from typing import Any

import django

from tests.chaos.services import Postgres
from tests.row_copies import copies


def fill(history: int, endpoints: int) -> tuple[Any, Any]:
    """Partners for the endpoints, the history, and statistics of a queue in which nothing waits."""
    from django.db import connection

    from scanforpay_django.merchant_notify.outbox import enqueue
    from scanforpay_django.models import Notification, Partner
    from tests.chaos.events import paid_order, seed

    store = seed(1)[0]
    copies(Partner, store.partner, {"partner_no": "100000 + g"}, endpoints)
    order = paid_order(store, "http://127.0.0.1:9/n", 0)
    order.save(force_insert=True)
    made = enqueue(order)
    Notification.objects.filter(pk=made.pk).update(state="delivered")
    due(order, made, history, 64, "delivered", "now()")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")
    return order, made


def due(
    order: Any, message: Any, count: int, endpoints: int, state: str, moment: str, one_partner: bool = False
) -> None:
    """Orders with a message each, over the endpoints in turn."""
    from django.db import connection

    from scanforpay_django.models import Notification, Order

    round_number = Order.objects.count()
    unique = {
        name: f"left(md5('{round_number}-' || g || '{name}'), 20)"
        for name in ("order_no", "token", "scan_token")
    }
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT last_value FROM {Order._meta.db_table}_id_seq")
        last = cursor.fetchone()[0]
    copies(Order, order, {**unique, "partner_order_no": f"'c{round_number}-' || g"}, count)
    partner = "partner_id" if one_partner else f"{message.partner_id} + 1 + g % {endpoints}"
    changes = {
        "order_id": f"{last} + g", "message_id": f"'m{round_number}-' || g", "state": f"'{state}'",
        "partner_id": partner, "endpoint": f"'10000 http://s' || g % {endpoints}", "next_at": moment,
    }  # fmt: skip
    copies(Notification, message, changes, count)


def claims(number: int) -> list[float]:
    """Milliseconds of claims, with the delivery of what was claimed between them."""
    from scanforpay_django.merchant_notify.claim import claim
    from scanforpay_django.merchant_notify.occupancy import Occupancy
    from scanforpay_django.merchant_notify.record import Result, record
    from scanforpay_django.merchant_notify.rotation import Rotation
    from scanforpay_django.transport import Outcome

    took, rotation, taken = [], Rotation(), 0
    for _ in range(number):
        begun = time.perf_counter()
        found = claim(64, Occupancy(slots=128, most=1024), rotation)
        took.append(1000 * (time.perf_counter() - begun))
        if found.taken:
            record(
                [
                    Result(claimed=one, outcome=Outcome(status=200, body=b"success", duration_ms=3))
                    for one in found.taken
                ]
            )
        taken += len(found.taken)
        if not found.taken and not found.is_unfinished:
            break
    took.sort()
    return [len(took), taken, statistics.median(took), took[int(0.99 * len(took))], took[-1]]


def main() -> None:
    """Fill, claim, print."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--history", type=int, default=1_000_000)
    parser.add_argument("--due", default="1000,50000")
    parser.add_argument("--endpoints", default="1,4,20,64,640,20000")
    parser.add_argument("--claims", type=int, default=300)
    parser.add_argument("--one-partner", action="store_true")
    parser.add_argument("--equal", action="store_true")
    options = parser.parse_args()
    with Postgres() as postgres:
        os.environ |= {
            "DATABASE_URL": postgres.url, "REDIS_URL": "", "DJANGO_SETTINGS_MODULE": "benchmarks.project.settings",
        }  # fmt: skip
        django.setup()
        from django.core.management import call_command

        from scanforpay_django.models import Notification

        call_command("migrate", run_syncdb=True, verbosity=0, skip_checks=True)
        shapes = [int(number) for number in options.endpoints.split(",")]
        order, made = fill(options.history, max(shapes))
        moment = "now()" if options.equal else "now() - g * interval '1 millisecond'"
        for count in (int(number) for number in options.due.split(",")):
            for endpoints in shapes:
                due(order, made, count, endpoints, "pending", moment, options.one_partner)
                number, taken, median, p99, worst = claims(options.claims)
                print(
                    f"{endpoints} endpoints, {count} due: {number} claims took {taken}: p50 {median:.1f} ms, "
                    f"p99 {p99:.1f} ms, worst {worst:.1f} ms",
                    flush=True,
                )
                Notification.objects.filter(state="pending").update(state="delivered", lease_until=None)


if __name__ == "__main__":
    main()
