"""The handler storm: ``python -m tests.chaos.handler_storm [--orders N] [--kills N]``.

Orders become paid while the workers are SIGKILLed over and over and handlers raise; leases of killed and of living
workers run out early. Then every order must have been shipped exactly once. Exits with 1 when that does not hold.
"""

import os
import random
import sys
import tempfile
import time
from argparse import ArgumentParser, Namespace
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import django

from scanforpay_django import clock
from tests.chaos.services import ROOT, Group, Postgres, wait_until

WORKERS = 2
DEADLINE_SECONDS = 600.0


def _options() -> Namespace:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=25)
    return parser.parse_args()


def main() -> None:
    """Run the storm and account for every order."""
    options = _options()
    with ExitStack() as stack:
        postgres = stack.enter_context(Postgres())
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="handlers-")))
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "tests.chaos.shipping.settings",
            "DATABASE_URL": postgres.url,
            "PYTHONPATH": str(ROOT),
        }
        django.setup()
        command = [sys.executable, "-m", "django", "scanforpay_worker", "--sweep-seconds", "0.2"]
        workers = Group(*[command] * WORKERS, env=dict(os.environ), log=directory / "workers.log")
        stack.callback(workers.kill)
        sys.exit(0 if _storm(options, workers) else 1)


def _storm(options: Namespace, workers: Group) -> bool:
    from django.core.management import call_command
    from django.db import connection

    from tests.chaos.events import seed

    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE shipped (order_no varchar(32))")
    store = seed(1)[0]
    workers.start()
    each = max(1, options.orders // max(1, options.kills))
    made = 0
    for kill in range(options.kills):
        last = kill == options.kills - 1
        upto = options.orders if last else min(options.orders, made + each)
        _pay(store, made, upto)
        made = upto
        time.sleep(0.5 + random.random())
        workers.kill()
        _expire_leases()
        workers.start()
    done = wait_until(_is_over, DEADLINE_SECONDS, 0.5)
    return _account(options) and done


def _pay(store: Any, first: int, upto: int) -> None:
    """As the transaction that applies a payment does: the order's state and the handler's row together."""
    from django.db import transaction

    from scanforpay_django import handlers
    from scanforpay_django.flows.call_handlers import enqueue_handler_calls
    from tests.chaos.events import paid_order

    for number in range(first, upto):
        with transaction.atomic():
            order = paid_order(store, "", number)
            order.save(force_insert=True)
            enqueue_handler_calls(order, handlers.ON_PAID)


def _expire_leases() -> None:
    """Ten minutes pass, for those who were killed and for those who live; what has failed is due at once."""

    from scanforpay_django.models import HandlerCall

    HandlerCall.objects.filter(state="pending").update(next_at=clock.now())


def _is_over() -> bool:
    from scanforpay_django.models import HandlerCall

    if not HandlerCall.objects.filter(state="pending").exists():
        return True
    if random.random() < 0.2:
        _expire_leases()
    return False


def _account(options: Namespace) -> bool:
    from django.db import connection

    from scanforpay_django.models import HandlerCall

    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*), COUNT(DISTINCT order_no) FROM shipped")
        rows, orders = cursor.fetchone()
    done = HandlerCall.objects.filter(state="done").count()
    attempts = sum(HandlerCall.objects.values_list("attempt_count", flat=True))
    holds = rows == orders == done == options.orders
    print(
        f"{options.orders} orders, {options.kills} kills of {WORKERS} workers, {attempts} attempts: {rows} rows for "
        f"{orders} orders, {done} calls done: {'the promise holds' if holds else 'THE PROMISE IS BROKEN'}"
    )
    return holds


if __name__ == "__main__":
    main()
