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

from benchmarks.claim import copies
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


def make_template(accounts: int) -> dict[str, Any]:
    """One paid order with all that belongs to it, and the accounts."""
    from django.utils import timezone

    from scanforpay_django.merchant_notify.outbox import enqueue
    from scanforpay_django.models import (
        NotificationAttempt,
        OrderEvent,
        Payment,
        PlatformNotification,
        Store,
        WalletAccount,
    )
    from tests.chaos.events import paid_order, seed

    store = seed(1)[0]
    account = WalletAccount.objects.create(store=store, wallet="Wechat")
    copies(Store, store, {"store_no": "'s' || g"}, accounts)
    copies(
        WalletAccount,
        account,
        {"store_id": f"{store.pk} + g", "public_id": "left(md5(g::text), 22)"},
        accounts,
    )
    order = paid_order(store, "https://shop.example/n", 0)
    order.save(force_insert=True)
    now = timezone.now()
    payment = Payment.objects.create(
        order=order, account=account, wallet="Wechat", product="jsapi", state="paid", amount=2100, currency="CNY",
        expires_at=order.expires_at, trade_no="t0", paid_at=now, paid_amount=2100, paid_currency="CNY", is_applied=True,
    )  # fmt: skip
    event = OrderEvent.objects.create(
        order=order, from_state="pending", to_state="paid", source="platform_notify"
    )
    heard = PlatformNotification.objects.create(
        account=account,
        event_id="e0",
        body="{}",
        payment=payment,
        outcome="applied",
        kind="TRANSACTION.SUCCESS",
    )
    told = enqueue(order)
    assert told is not None
    told.state, told.delivered_at, told.attempt_count = "delivered", now, 1
    told.save()
    attempt = NotificationAttempt.objects.create(notification=told, number=1, state="acknowledged")
    return {
        "order": order,
        "payment": payment,
        "event": event,
        "heard": heard,
        "told": told,
        "attempt": attempt,
    }


def last_key(model: Any) -> int:
    """The newest row's."""
    newest = model.objects.order_by("-pk").values_list("pk", flat=True).first()
    return int(newest)


def fill(rows: dict[str, Any], number: int, stem: str) -> None:
    """Orders like the template's, of stores in turn."""
    from django.db import connection

    order, told = rows["order"], rows["told"]
    first = {name: last_key(type(row)) for name, row in rows.items()}
    order_no, partner_order_no = f"'{stem}' || lpad(g::text, 18, '0')", f"'{stem}-c-' || g"
    tokens = {name: f"left(md5('{stem}' || g || '{name}'), 22)" for name in ("token", "scan_token")}
    copies(type(order), order, {**tokens, "order_no": order_no, "partner_order_no": partner_order_no}, number)
    order_id = f"{first['order']} + g"
    copies(type(rows["event"]), rows["event"], {"order_id": order_id}, number)
    copies(
        type(rows["payment"]),
        rows["payment"],
        {
            "order_id": order_id,
            "out_trade_no": f"left(md5('{stem}' || g || 'o'), 28)",
            "trade_no": f"'{stem}-t-' || g",
        },
        number,
    )
    payment_id = f"{first['payment']} + g"
    copies(
        type(rows["heard"]),
        rows["heard"],
        {"payment_id": payment_id, "event_id": f"'{stem}-e-' || g"},
        number,
    )
    content = f"replace(replace(content, '{order.order_no}', {order_no}), '\"p0\"', '\"' || {partner_order_no} || '\"')"
    copies(
        type(told),
        told,
        {"order_id": order_id, "message_id": f"'msg_' || md5('{stem}' || g)", "content": content},
        number,
    )
    copies(type(rows["attempt"]), rows["attempt"], {"notification_id": f"{first['told']} + g"}, number)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


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

        settings.ALLOWED_HOSTS = ["testserver"]
        call_command("migrate", run_syncdb=True, verbosity=0, skip_checks=True)
        rows = make_template(options.accounts)
        fill(rows, options.orders, "1")
        measure(rows, options.new, is_incremental=not options.whole)


if __name__ == "__main__":
    main()
