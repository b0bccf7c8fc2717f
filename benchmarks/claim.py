"""Claims from a big table: ``python -m benchmarks.claim [--history 1000000] [--due 5000]``.

A PostgreSQL of its own, filled with delivered notifications and their orders; then claims of 64 rows, their leases
taken back between two claims. Printed are the median and the 99th percentile of claim().
"""

import os
import statistics
import time
from argparse import ArgumentParser
from typing import Any

import django

from tests.chaos.services import Postgres


def copies(model: Any, row: Any, overrides: dict[str, str], number: int) -> None:
    """Copies of a row, made by the database; ``overrides`` are expressions over g, their number."""
    from django.db import connection

    fields = [field for field in model._meta.concrete_fields if not field.primary_key and not field.generated]
    columns = [field.column for field in fields]
    values = [overrides.get(column, column) for column in columns]
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {table}, "
            f"generate_series(1, {number}) AS g WHERE id = {row.pk}"
        )


def fill(history: int, due: int) -> None:
    """The history, then what is due, over 64 endpoints."""
    from django.db import connection

    from scanforpay_django.merchant_notify.outbox import enqueue
    from scanforpay_django.models import Notification, Order
    from tests.chaos.events import paid_order, seed

    stores = seed(64)
    for number, (count, state) in enumerate(((history, "delivered"), (due, "pending"))):
        order = paid_order(stores[0], "http://127.0.0.1:9/n", number)
        order.save(force_insert=True)
        made = enqueue(order)
        unique = {
            name: f"left(md5('{number}-' || g || '{name}'), 20)"
            for name in ("order_no", "token", "scan_token")
        }
        last = order.pk
        copies(Order, order, {**unique, "partner_order_no": f"'c{number}-' || g"}, count)
        changes = {
            "order_id": f"{last} + g", "message_id": f"'m{number}-' || g", "state": f"'{state}'",
            "endpoint": "(10000 + g % 64) || ' http://127.0.0.1:' || (9000 + g % 64)",
            "next_at": "now() - g * interval '1 millisecond'",
        }  # fmt: skip
        Notification.objects.filter(pk=made.pk).update(state=state)
        copies(Notification, made, changes, count)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


def main() -> None:
    """Fill, claim, print."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--history", type=int, default=1_000_000)
    parser.add_argument("--due", type=int, default=5000)
    parser.add_argument("--claims", type=int, default=300)
    options = parser.parse_args()
    with Postgres() as postgres:
        os.environ |= {
            "DATABASE_URL": postgres.url, "REDIS_URL": "", "DJANGO_SETTINGS_MODULE": "benchmarks.project.settings",
        }  # fmt: skip
        django.setup()
        from django.core.management import call_command

        from scanforpay_django.merchant_notify.claim import claim
        from scanforpay_django.models import Notification

        call_command("migrate", run_syncdb=True, verbosity=0, skip_checks=True)
        fill(options.history, options.due)
        took = []
        for _ in range(options.claims):
            begun = time.perf_counter()
            taken = claim(64).taken
            took.append(1000 * (time.perf_counter() - begun))
            assert len(taken) == 64
            Notification.objects.filter(pk__in=[one.pk for one in taken]).update(
                lease_until=None, lease_token="", attempt_count=0
            )
            from scanforpay_django.models import NotificationAttempt

            NotificationAttempt.objects.filter(pk__in=[one.attempt_pk for one in taken]).delete()
        took.sort()
        print(
            f"{options.history} delivered, {options.due} due, {options.claims} claims of 64: "
            f"p50 {statistics.median(took):.1f} ms, p99 {took[int(0.99 * len(took))]:.1f} ms"
        )


if __name__ == "__main__":
    main()
