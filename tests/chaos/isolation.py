"""Who waits for whom: ``python -m tests.chaos.isolation [--hang 1] [--rows 2000]``, on SQLite.

Of 40 endpoints some hang; a quarter of the rows is theirs when one hangs, half when twenty do. All are due at once and
one ``drain()`` delivers. Printed is how long the healthy ones waited for their recorded result.
"""

import os
import random
import statistics
import sys
import tempfile
import threading
import time
from argparse import ArgumentParser, Namespace
from pathlib import Path

import django

from tests.chaos.services import sink_process

ENDPOINTS = 40


def _options() -> Namespace:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--hang", type=int, default=0, help="endpoints that hang; without it 1, then 20")
    parser.add_argument("--rows", type=int, default=800)
    parser.add_argument("--deadline", type=float, default=15.0)
    parser.add_argument(
        "--no-figures", action="store_true", help="judge only that all healthy ones are delivered"
    )
    return parser.parse_args()


def run(options: Namespace, hanging: int) -> bool:
    """One drain; whether the promise holds."""
    from django.db.models import F

    from scanforpay_django.merchant_notify.delivery import drain
    from scanforpay_django.models import Notification, NotificationAttempt, Order, Partner, SignKey, Store
    from tests.chaos.events import paid_order, seed

    for model in (NotificationAttempt, Notification, Order, Store, SignKey, Partner):
        if model is Partner:
            from scanforpay_django.models import Endpoint

            Endpoint.objects.all().delete()
        model.objects.all().delete()
    from scanforpay_django.merchant_notify.outbox import enqueue

    stores = seed(ENDPOINTS)
    share = 0.25 if hanging == 1 else 0.5
    with tempfile.TemporaryDirectory() as directory, sink_process(Path(directory) / "journal") as origin:
        plan = [("hang", random.choice(stores[:hanging])) for _ in range(int(options.rows * share))]
        plan += [("ok", random.choice(stores[hanging:])) for _ in range(options.rows - len(plan))]
        random.shuffle(plan)
        for number, (path, store) in enumerate(plan):
            order = paid_order(store, f"{origin}/{path}", number)
            order.save(force_insert=True)
            enqueue(order)
        healthy = Notification.objects.filter(url__endswith="/ok")
        stop = threading.Event()
        begun = time.time()
        worker = threading.Thread(target=lambda: drain(max_seconds=60, until=stop.is_set))
        worker.start()
        while healthy.filter(state="pending").exists() and time.time() < begun + 60:
            time.sleep(0.1)
        stop.set()
        waited = sorted(
            (at.timestamp() - begun)
            for at in healthy.exclude(delivered_at=None).values_list("delivered_at", flat=True)
        )
        delivered, number = len(waited), healthy.count()
        once = not healthy.annotate(more=F("attempt_count") - 1).filter(more__gt=0).exists()
        print(
            f"{hanging} of {ENDPOINTS} endpoints hang with {share:.0%} of {options.rows} rows: {delivered} of {number} "
            f"healthy delivered, p50 {statistics.median(waited):.2f} s, p99 {waited[int(0.99 * len(waited))]:.2f} s"
        )
        worker.join()
    p99 = waited[int(0.99 * len(waited))]
    return delivered == number and once and (options.no_figures or p99 < (2 if hanging == 1 else 5))


def main() -> None:
    """Print and judge."""
    options = _options()
    with tempfile.TemporaryDirectory() as directory:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "tests.chaos.settings",
            "DEMO_DATABASE": f"{directory}/isolation.sqlite3",
            "STORM_DEADLINE": str(options.deadline),
            "STORM_CONCURRENCY": "64",
            "DATABASE_URL": os.environ.get("ISOLATION_DATABASE_URL", ""),
            "REDIS_URL": "",
        }
        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        kinds = [options.hang] if options.hang else [1, 20]
        holds = [run(options, hanging) for hanging in kinds]
    sys.exit(0 if all(holds) else 1)


if __name__ == "__main__":
    main()
