"""What staff wait for: ``python -m benchmarks.staff [--orders 300000] [--new 30000] [--accounts 2000] [--desk]``.

A PostgreSQL of its own with paid orders, each with its payment, event, platform notification, merchant notification
and attempt, spread over a year. Printed are the milliseconds of the desk's pages over HTTP (p50 and p95 of --visits
each) and of admin's other lists and searches, with their statements, and the seconds of the audit: of everything, of
what is new (--new more orders), and of nothing new. --desk measures the desk's pages only.
"""

import os
import resource
import time
from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta
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


def spread_over_a_year() -> None:
    """The copies are all of one moment: one order each few seconds, the newest now."""
    from django.core.management import call_command
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE scanforpay_order o SET created_at = now() - age, paid_at = now() - age + interval '20 s', "
            "expires_at = now() - age + interval '30 min' FROM (SELECT id, (max(id) OVER () - id) "
            "* interval '365 days' / count(*) OVER () AS age FROM scanforpay_order) spread WHERE spread.id = o.id"
        )
        cursor.execute(
            "UPDATE scanforpay_payment p SET created_at = o.created_at, paid_at = o.paid_at FROM scanforpay_order o "
            "WHERE o.id = p.order_id"
        )
        cursor.execute("VACUUM ANALYZE")
    begun = time.perf_counter()
    call_command("scanforpay_rebuild_figures", stdout=StringIO())
    print(f"figures of all days rebuilt in {time.perf_counter() - begun:.1f} s", flush=True)


def desk_pages(order: Any, number: str) -> dict[str, str]:
    """What is opened -> its address."""
    day = datetime.now(UTC).date()
    week, month, year = (f"{day - timedelta(days=days)}" for days in (7, 30, 300))
    orders, set_up = "/admin/scanforpay/order/", "/admin/scanforpay/store/set-up/"
    account = order.store.wallet_accounts.first()
    return {
        "overview": "/admin/scanforpay/",
        "orders": orders,
        "orders, page 7": f"{orders}?p=7",
        "orders of a week": f"{orders}?from={week}",
        "orders of a day 300 days ago": f"{orders}?from={year}&to={year}",
        "orders, closed (there are none)": f"{orders}?state=closed",
        "orders of a month above an amount": f"{orders}?from={month}&least=100",
        "orders that need a person": f"{orders}?state=flagged",
        "orders of a store": f"{orders}?store__id__exact={order.store_id}",
        "orders by a number": f"{orders}?q={number}",
        "orders by a title": f"{orders}?q=tea",
        "an order": f"{orders}{order.pk}/change/",
        "a payment link": f"{orders}{order.pk}/link/",
        "a new payment link": f"{orders}add/",
        "a refund": f"{orders}{order.pk}/refund/",
        "counter codes": "/admin/scanforpay/countercode/",
        "delivery": "/admin/scanforpay/notification/",
        "delivery, given up (there are none)": "/admin/scanforpay/notification/?state__exact=exhausted",
        "delivery desk": "/admin/scanforpay/notification/desk/",
        "flags": "/admin/scanforpay/flag/",
        "set-up": set_up,
        "health": "/admin/scanforpay/store/health/",
        "a go-live list": f"{set_up}{order.store_id}/go-live/{account.pk}/",
        "a new wallet account": f"{set_up}{order.store_id}/account/",
    }


def open_desk(client: Any, pages: dict[str, str], visits: int) -> None:
    """Each page so many times: p50, p95 and the statements."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for name, place in pages.items():
        took = []
        client.get(place)
        for _ in range(visits):
            begun = time.perf_counter()
            with CaptureQueriesContext(connection) as statements:
                page = client.get(place)
            took.append(1000 * (time.perf_counter() - begun))
            assert page.status_code == 200, (place, page.status_code)
        took.sort()
        p50, p95 = took[len(took) // 2], took[int(len(took) * 0.95)]
        print(f"{name}: p50 {p50:.0f} ms, p95 {p95:.0f} ms, {len(statements)} statements", flush=True)


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


def measure(rows: dict[str, Any], new: int, visits: int, *, is_incremental: bool) -> None:
    """Lists, searches, audits."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    from tests.large_tables import fill

    client = Client()
    client.force_login(get_user_model().objects.create_superuser("boss", "boss@example.com", "x"))
    payment, told = rows["payment"], rows["told"]
    spread_over_a_year()
    open_desk(client, desk_pages(rows["order"], payment.out_trade_no), visits)
    if not new:
        return
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
    parser.add_argument("--visits", type=int, default=40)
    parser.add_argument("--desk", action="store_true", help="the desk's pages only")
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
        new = 0 if options.desk else options.new
        measure(rows, new, options.visits, is_incremental=not options.whole)


if __name__ == "__main__":
    main()
