"""``manage.py scanforpay_notifications``: the delivery desk in the shell."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from scanforpay_django.flows.call_handlers import call_again
from scanforpay_django.merchant_notify.outbox import resend_all
from scanforpay_django.models import Endpoint, Notification, Partner, Store
from scanforpay_django.operations.delivery_desk import (
    Waiting,
    breaker_state,
    failing_calls,
    failing_handlers,
    last_address,
    resend_dead,
    send_test,
    waiting_notifications,
)


def _parse_moment(text: str) -> datetime:
    """A date and time, in the project's time zone unless it says another."""
    try:
        found = parse_datetime(text) or datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{text!r} is not a time: write 2026-01-31 or 2026-01-31T08:00+08:00") from error
    try:
        # Near the calendar's ends another zone's time is no date.
        return (found if timezone.is_aware(found) else timezone.make_aware(found)).astimezone(UTC)
    except OverflowError as error:
        raise CommandError(f"{text!r} is out of range") from error


def number(text: str) -> int:
    """How many; its name is in argparse's message."""
    if int(text) < 0:
        raise ValueError
    return int(text)


class Command(BaseCommand):
    """list, resend, test, endpoints, handlers."""

    help = (
        "Shows notifications to merchants, their endpoints and handlers that fail; sends again, sends a test."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="what", required=True)
        shown = commands.add_parser("list", help="notifications, newest first")
        for name in ("state", "store", "partner", "endpoint", "reason"):
            shown.add_argument(f"--{name}")
        shown.add_argument("--limit", type=number, default=50)
        again = commands.add_parser("resend", help="by message id, or all given-up ones of a partner")
        again.add_argument("message_id", nargs="*")
        again.add_argument("--partner", help="partner number")
        again.add_argument("--since", type=_parse_moment, help="given up since, e.g. 2026-01-31T08:00+08:00")
        test = commands.add_parser("test", help="send a test notification and show what came back")
        test.add_argument("--url", default="")
        test.add_argument("--store", help="store number: its last address when --url is not given")
        commands.add_parser("endpoints", help="success rate, median time, breaker, what waits")
        failing = commands.add_parser(
            "handlers", help="the project's handlers whose calls fail, with the error"
        )
        failing.add_argument("--call-again", action="store_true", help="have these calls made now")
        failing.add_argument("--handler", default="", help="one handler, by its dotted name")

    def handle(self, *_args: Any, **options: Any) -> None:
        getattr(self, f"_{options['what']}")(options)

    def _list(self, options: dict[str, Any]) -> None:
        columns = {
            "state": "state", "store": "order__store__store_no", "partner": "order__partner__partner_no",
            "endpoint": "endpoint__contains", "reason": "last_reason__icontains",
        }  # fmt: skip
        wanted = {column: options[name] for name, column in columns.items() if options[name]}
        rows = Notification.objects.filter(**wanted).select_related("order").order_by("-pk")
        for row in rows[: options["limit"]]:
            when = (row.delivered_at or row.next_at).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            line = (
                row.message_id, row.state, when, f"{row.attempt_count} tries", row.order.partner_order_no, row.url,
                row.last_reason,
            )  # fmt: skip
            self.stdout.write("  ".join(line).rstrip())

    def _resend(self, options: dict[str, Any]) -> None:
        if bool(options["message_id"]) == bool(options["partner"]):
            raise CommandError("Give message ids, or --partner.")
        if options["partner"]:
            partner = Partner.objects.filter(partner_no=options["partner"]).first()
            if partner is None:
                raise CommandError(f"There is no partner {options['partner']}.")
            sent = resend_dead(partner, options["since"])
        else:
            sent = resend_all(Notification.objects.filter(message_id__in=options["message_id"]))
        self.stdout.write(f"{sent} will be resent")

    def _test(self, options: dict[str, Any]) -> None:
        store = None
        if options["store"]:
            store = Store.objects.select_related("partner").filter(store_no=options["store"]).first()
            if store is None:
                raise CommandError(f"There is no store {options['store']}.")
        url = options["url"] or (last_address(store) if store else "")
        if not url:
            raise CommandError("Give --url, or a --store that has orders with an address.")
        found = send_test(url, store)
        status = "" if found.outcome.status_read is None else f"HTTP {found.outcome.status_read}, "
        self.stdout.write(f"{url}: {status}{found.verdict}, {found.outcome.duration_ms} ms")
        if found.text:
            self.stdout.write(found.text)

    def _endpoints(self, options: dict[str, Any]) -> None:
        rows = list(Endpoint.objects.all())
        waiting = waiting_notifications(row.key for row in rows)
        for row in rows:
            queue = waiting.get(row.key, Waiting())
            rate = "-" if row.success_rate is None else f"{row.success_rate:.0%}"
            median = "-" if row.median_ms is None else f"{row.median_ms} ms"
            oldest = "-" if queue.oldest_due is None else queue.oldest_due.isoformat(timespec="seconds")
            self.stdout.write(
                f"{row.key}  breaker {breaker_state(row)}  success {rate}  median {median}  waiting {queue.number}  "
                f"given up {queue.exhausted}  oldest due {oldest}"
            )

    def _handlers(self, options: dict[str, Any]) -> None:
        wanted = options["handler"]
        for row in failing_handlers():
            if wanted in ("", row.handler):
                counts = f"given up {row.given_up}  waiting {row.waiting}"
                self.stdout.write(f"{row.handler}  event {row.event}  {counts}\n{row.last_error}")
        if options["call_again"]:
            self.stdout.write(f"{call_again(failing_calls(wanted))} will be called again")
