"""A shop whose rows are in the chain, and what somebody with the database's password does to them."""

import contextlib
from collections.abc import Callable
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.db import connection

from scanforpay_django.models import ChainLink, Notification, NotificationAttempt
from scanforpay_django.operations.chain.finding import MEANINGS
from scanforpay_django.operations.chain.follow import ChainFollower
from tests.books.ledger import post
from tests.operations.figures.calendar import make, open_page, pay, refund


def trade(store: Any, orders: int) -> None:
    """Orders that are paid, every second one refunded in part; notified, with an attempt each; posted."""
    made = []
    for number in range(orders):
        order = make(store, notify_url="https://shop.example/n")
        made.append(order.pk)
        payment = open_page(order)
        pay(payment)
        payment.refresh_from_db()
        if number % 2:
            refund(payment, 700)
    for notification in Notification.objects.filter(order__in=made):
        NotificationAttempt.objects.create(
            notification=notification,
            number=1,
            state="acknowledged",
            http_status=200,
            duration_ms=40,
            answer="ok",
        )
    post()


def link(follower: ChainFollower | None = None) -> ChainFollower:
    """A worker's turns, until nothing is left to be done."""
    follower = follower or ChainFollower()
    while follower():
        continue
    return follower


def pass_on(move: Callable[[str], None], *moments: str) -> None:
    """The worker goes on while the clock does: what was seen is passed after a while."""
    for moment in moments:
        move(moment)
        link()


def audit(*roots: str, **options: Any) -> list[str]:
    """What ``scanforpay_audit --chain`` says, without its meanings; the last line apart."""
    told = StringIO()
    with contextlib.suppress(SystemExit):
        call_command("scanforpay_audit", chain=True, root=list(roots), stdout=told, **options)
    *found, _last = told.getvalue().splitlines()
    lines = [line.removeprefix("FAILED ") for line in found]
    return [line.removesuffix(f": {MEANINGS[line.partition(':')[0]]}") for line in lines]


def sql(statement: str, *parameters: Any) -> None:
    """By hand, as somebody who may drop triggers."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def links() -> list[str]:
    """The chain in short, without its statements of how far it is."""
    found = ChainLink.objects.exclude(act="horizon").order_by("number")
    return [f"{one.act} {one.kind} {one.row_pk}".strip() for one in found]
