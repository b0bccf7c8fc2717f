"""What staff wait for: ``python -m benchmarks.staff [--orders 300000] [--new 30000] [--accounts 2000]``.

A PostgreSQL of its own with paid orders, each with its payment, event, platform notification, merchant notification and
attempt. Printed are the milliseconds of admin's lists and searches over HTTP, with their statements, and the seconds of
the audit: of everything, of what is new (--new more orders), and of nothing new.
"""

import os
import resource
import time
from argparse import ArgumentParser
from io import StringIO
from typing import Any

import django

from tests.chaos.services import Postgres

LISTS = (
    "order",
    "payment",
    "refund",
    "notification",
    "platformnotification",
    "handlercall",
    "flag",
    "endpoint",
)


def visit(client: Any, name: str, query: dict[str, str]) -> str:
    """The best of three, and the statements."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    took = []
    for _ in range(3):
        begun = time.perf_counter()
        with CaptureQueriesContext(connection) as statements:
            page = client.get(reverse(f"admin:scanforpay_{name}_changelist"), query)
        took.append(1000 * (time.perf_counter() - begun))
        assert page.status_code == 200, page.status_code
    return f"{name} {query or ''}: {min(took):.0f} ms, {len(statements)} statements"


def audit(**options: Any) -> str:
    """The command's time, its last line and the most memory that this process has taken."""
    from django.core.management import call_command

    told, begun = StringIO(), time.perf_counter()
    try:
        call_command("scanforpay_audit", stdout=told, **options)
    except SystemExit:
        print(told.getvalue()[:2000])
    seconds = time.perf_counter() - begun
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return f"audit {options or ''}: {seconds:.1f} s, {memory} MB; {told.getvalue().strip().splitlines()[-1]}"


def measure(rows: dict[str, Any], new: int, *, is_incremental: bool) -> None:
    """Lists, searches, audits."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    from tests.large_tables import fill

    client = Client()
    client.force_login(get_user_model().objects.create_superuser("boss", "boss@example.com", "x"))
    payment, told = rows["payment"], rows["told"]
    for name in LISTS:
        print(visit(client, name, {}), flush=True)
    searches = {
        "order": ["1-c-777", payment.out_trade_no, "nothing-1"],
        "payment": [payment.out_trade_no, "1-t-777"],
        "refund": ["1-c-777"],
        "notification": [told.message_id, "1-c-777"],
        "platformnotification": ["1-e-777"],
    }
    for name, numbers in searches.items():
        for number in numbers:
            print(visit(client, name, {"q": number}), flush=True)
    print(audit(), flush=True)
    if is_incremental:
        print(audit(since="last"), flush=True)
        fill(rows, new, "2")
        print(f"{6 * new} new rows:", audit(since="last"), flush=True)
        print(audit(since="last"), flush=True)


def main() -> None:
    """Fill, measure, print."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=300_000)
    parser.add_argument("--new", type=int, default=30_000)
    parser.add_argument("--accounts", type=int, default=2_000)
    parser.add_argument("--whole", action="store_true", help="the audit of everything only")
    options = parser.parse_args()
    with Postgres() as postgres:
        os.environ |= {
            "DATABASE_URL": postgres.url, "REDIS_URL": "", "DJANGO_SETTINGS_MODULE": "demo_project.settings",
        }  # fmt: skip
        django.setup()
        from django.conf import settings
        from django.core.management import call_command

        from tests.large_tables import fill, make_template

        settings.ALLOWED_HOSTS = ["testserver"]
        call_command("migrate", run_syncdb=True, verbosity=0, skip_checks=True)
        rows = make_template(options.accounts)
        fill(rows, options.orders, "1")
        measure(rows, options.new, is_incremental=not options.whole)


if __name__ == "__main__":
    main()
