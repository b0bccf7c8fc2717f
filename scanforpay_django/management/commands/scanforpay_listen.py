"""``manage.py scanforpay_listen``: sandbox orders' notifications on a developer's machine."""

import signal
import threading
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, InterfaceError, connections

from scanforpay_django import clock, money
from scanforpay_django.models import Notification, Partner
from scanforpay_django.operations.forwarding import (
    Arrivals,
    NotForwarded,
    find_notifications,
    forward,
    read_target,
)

LOOK_SECONDS = 0.5


class Command(BaseCommand):
    """Prints each notification of a sandbox order, and forwards a copy."""

    help = (
        "Prints notifications of sandbox orders as they are written and forwards a copy of each, signed as the real "
        "one. The delivery itself goes on beside it and does not change. Ends with Ctrl-C; exits with 1 when a copy "
        "was not acknowledged (--once, --replay) or nothing came (--wait)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--forward-to", metavar="URL", help="e.g. http://localhost:3000/notify")
        parser.add_argument("--partner", default="", help="partner number: only its orders")
        parser.add_argument("--once", action="store_true", help="end after the first notification")
        parser.add_argument("--wait", type=float, metavar="SECONDS", help="end after so long")
        parser.add_argument(
            "--replay",
            action="append",
            metavar="MESSAGE_ID|ORDER",
            help="send this one, or those of this order, once more, and end; may be given again",
        )
        parser.add_argument("--show-body", action="store_true", help="print what the message says")

    def handle(self, *_args: Any, **options: Any) -> None:
        partner_no = options["partner"]
        if partner_no and not Partner.objects.filter(partner_no=partner_no).exists():
            raise CommandError(f"There is no partner {partner_no}.")
        if options["replay"] and not options["forward_to"]:
            raise CommandError("Give --forward-to: where the notification is to be sent.")
        self._shows_body = options["show_body"]
        try:
            self._target = read_target(options["forward_to"]) if options["forward_to"] else ""
            # All are found before the first is sent.
            replayed = [
                row for name in options["replay"] or () for row in find_notifications(name, partner_no)
            ]
        except NotForwarded as error:
            raise CommandError(str(error)) from error
        if replayed:
            is_done = False not in [self._show(row) for row in replayed]
        else:
            is_done = self._listen(partner_no, once=options["once"], wait=options["wait"])
        if not is_done:
            raise SystemExit(1)

    def _listen(self, partner_no: str, *, once: bool, wait: float | None) -> bool:
        stop = threading.Event()
        numbers = (signal.SIGTERM, signal.SIGINT)
        before = {number: signal.signal(number, lambda *_: stop.set()) for number in numbers}
        try:
            return self._follow(Arrivals(partner_no), stop, once=once, wait=wait)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _follow(self, arrivals: Arrivals, stop: threading.Event, *, once: bool, wait: float | None) -> bool:
        """Until ``stop``; whether what was to come has come, and was acknowledged where one was waited for."""
        self._say(f"Listening for sandbox orders{f', forwarding to {self._target}' if self._target else ''}.")
        ends_at = None if wait is None else time.monotonic() + wait
        came = False
        while not stop.is_set():
            for row in self._look(arrivals):
                is_acknowledged, came = self._show(row), True
                if once:
                    return is_acknowledged
                if stop.is_set():
                    break
            if ends_at is not None and time.monotonic() >= ends_at:
                return came
            stop.wait(LOOK_SECONDS)
        return came or not once

    def _look(self, arrivals: Arrivals) -> list[Notification]:
        """What is new. A database that is away for a moment ends nothing."""
        try:
            return arrivals.look()
        except (DatabaseError, InterfaceError) as error:
            self.stderr.write(f"the database does not answer: {error}")
            connections.close_all()
            return []

    def _show(self, row: Notification) -> bool:
        """Print it, forward it, and print the answer; whether it was acknowledged, or was not to be forwarded."""
        order = row.order
        money_moved = row.refund or order
        amount = money.with_code(money_moved.amount, money_moved.currency)
        when = f"{clock.now():%H:%M:%SZ}"
        self._say(
            f"{when}  {row.kind}  {row.message_id}  order {order.order_no} ({order.partner_order_no})  {amount}"
        )
        if self._shows_body:
            self._say(row.content)
        if not self._target:
            return True
        copied = forward(row, self._target)
        status = copied.outcome.status_read
        # The verdict may be the status itself.
        http = "" if status is None or copied.verdict.startswith("HTTP") else f"HTTP {status}, "
        self._say(f"  -> {http}{copied.verdict}, {copied.outcome.duration_ms} ms")
        if copied.text and not copied.is_acknowledged:
            self._say(copied.text)
        return copied.is_acknowledged

    def _say(self, line: str) -> None:
        """At once: a pipe would hold it back."""
        self.stdout.write(line)
        self.stdout.flush()
