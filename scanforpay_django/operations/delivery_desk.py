"""What staff do about notifications, in admin or in the shell: look, send again, try an address out."""

import asyncio
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet, Subquery, Value
from django.utils import timezone

from scanforpay_django import clock, signing, wire
from scanforpay_django.conf import conf
from scanforpay_django.merchant_notify import answer
from scanforpay_django.merchant_notify.outbox import resend_all
from scanforpay_django.models import Endpoint, HandlerCall, Notification, Order, Partner, SignKey, Store
from scanforpay_django.models.handler_call import HandlerCallQuerySet
from scanforpay_django.models.moments import database_now
from scanforpay_django.operations.staff_scope import Scope
from scanforpay_django.transport import Outcome, Sender

# As the partial index of alarms has it: the table may hold millions that are done.
GIVEN_UP = Q(state=Notification.State.EXHAUSTED, alarmed_at__isnull=False)
#: notifications among which today's deliveries are counted: of all, and of some stores
NEWEST_COUNTED, NEWEST_OWN = 10_000, 1_000


@dataclass(frozen=True, kw_only=True)
class DeliveredToday:
    """Deliveries since midnight in the project's time zone, among the newest notifications."""

    number: int
    # of these, those that took one attempt
    at_first: int
    # whether older notifications are of today, too
    has_more: bool

    @property
    def first_percent(self) -> int:
        """The part that took one attempt."""
        return 100 * self.at_first // max(self.number, 1)


def count_delivered_today(scope: Scope) -> DeliveredToday:
    """One statement, whatever the table holds."""
    midnight = timezone.localtime(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    today = midnight.astimezone(UTC)
    return _count_all(today) if scope.sees_all else _count_own(scope, today)


def _count_own(scope: Scope, today: datetime) -> DeliveredToday:
    """Read as the list reads them: added up by the database, the orders of all stores would be joined first."""
    own: Any = scope.narrow(Notification.objects.order_by("-pk"))
    rows = list(own.values_list("state", "delivered_at", "attempt_count", "created_at")[:NEWEST_OWN])
    tries = [
        count
        for state, delivered_at, count, _made_at in rows
        if state == Notification.State.DELIVERED and delivered_at and delivered_at >= today
    ]
    has_more = len(rows) == NEWEST_OWN and rows[-1][3] >= today
    return DeliveredToday(number=len(tries), at_first=tries.count(1), has_more=has_more)


def _count_all(today: datetime) -> DeliveredToday:
    newest = Notification.objects.order_by("-pk").values("pk")[:1]
    is_delivered = Q(state=Notification.State.DELIVERED, delivered_at__gte=today)
    found = (
        Notification.objects.order_by()
        .filter(pk__gt=Subquery(newest) - NEWEST_COUNTED)
        .aggregate(
            number=Count("pk", filter=is_delivered),
            at_first=Count("pk", filter=is_delivered & Q(attempt_count=1)),
            today=Count("pk", filter=Q(created_at__gte=today)),
        )
    )
    has_more = found["today"] >= NEWEST_COUNTED
    return DeliveredToday(number=found["number"], at_first=found["at_first"], has_more=has_more)


def exhausted_notifications(partner: Partner, since: datetime | None = None) -> "QuerySet[Notification]":
    """What was given up for ``partner`` since that time, or since ever."""
    dead = Notification.objects.filter(order__partner=partner, state=Notification.State.EXHAUSTED)
    return dead if since is None else dead.filter(Q(alarmed_at__gte=since) | Q(created_at__gte=since))


def resend_dead(partner: Partner, since: datetime | None = None) -> int:
    """Send all of these again; how many will be."""
    return resend_all(
        Notification.objects.filter(pk__in=exhausted_notifications(partner, since).values("pk"))
    )


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """What waits for one endpoint."""

    number: int = 0
    exhausted: int = 0
    oldest_due: datetime | None = None


def waiting_notifications(keys: Iterable[str]) -> dict[str, Waiting]:
    """What waits for these endpoints (``Endpoint.key``), in one statement."""
    rows = Notification.objects.filter(endpoint__in=list(keys)).order_by().values("endpoint")
    # as the partial indexes of the queue and of alarms have them: the table may hold millions that are done
    pending = rows.filter(state=Notification.State.PENDING, schedule_start__gte=0)
    waiting = pending.annotate(
        waits=Value(1), number=Count("pk"), oldest_due=Min("next_at", filter=Q(next_at__lte=database_now()))
    )
    given_up = rows.filter(GIVEN_UP).annotate(
        # the same column, and nothing in it
        waits=Value(0),
        number=Count("pk"),
        oldest_due=Min("next_at", filter=Q(pk__isnull=True)),
    )
    found: dict[str, Waiting] = {}
    # Django 6.1 gives a union the first model's default ordering.
    for row in waiting.union(given_up, all=True).order_by():
        known = found.get(row["endpoint"], Waiting())
        if row["waits"]:
            found[row["endpoint"]] = replace(known, number=row["number"], oldest_due=row["oldest_due"])
        else:
            found[row["endpoint"]] = replace(known, exhausted=row["number"])
    return found


@dataclass(frozen=True, kw_only=True)
class FailingHandler:
    """A function of the project whose calls fail."""

    handler: str
    event: str
    # given up, and waiting for another attempt
    given_up: int
    waiting: int
    # when the first of those that wait is called
    next_at: datetime | None
    # the newest failure, with its traceback
    last_error: str

    @property
    def reason(self) -> str:
        """The error itself: the traceback's last line."""
        return self.last_error.strip().rpartition("\n")[2]


def failing_calls(handler: str = "") -> HandlerCallQuerySet:
    """Handler calls that were given up or wait after a failure, of one handler or of all."""
    given_up, waiting = Q(state=HandlerCall.State.EXHAUSTED), Q(state=HandlerCall.State.PENDING)
    # One that is being made for the first time has not failed.
    calls = HandlerCall.objects.filter(given_up | (waiting & ~Q(last_error="")))
    return calls.filter(handler=handler) if handler else calls


def failing_handlers(failing: HandlerCallQuerySet | None = None) -> list[FailingHandler]:
    """The handlers of these failing calls, those with the most first; None: of all."""
    given_up, waiting = Q(state=HandlerCall.State.EXHAUSTED), Q(state=HandlerCall.State.PENDING)
    calls = failing_calls() if failing is None else failing
    rows = calls.order_by().values("handler", "event")
    counted = rows.annotate(
        given_up=Count("pk", filter=given_up),
        waiting=Count("pk", filter=waiting),
        next_at=Min("next_at", filter=waiting),
        newest=Max("pk", filter=~Q(last_error="")),
    ).order_by("-given_up", "-waiting", "handler")
    found = list(counted)
    newest = HandlerCall.objects.filter(pk__in=[row["newest"] for row in found])
    errors = dict(newest.values_list("pk", "last_error"))
    return [
        FailingHandler(
            handler=row["handler"],
            event=row["event"],
            given_up=row["given_up"],
            waiting=row["waiting"],
            next_at=row["next_at"],
            last_error=errors.get(row["newest"] or 0, ""),
        )
        for row in found
    ]


def breaker_state(endpoint: Endpoint) -> str:
    """The circuit breaker of an endpoint: "open" holds deliveries back, "closed" lets them pass."""
    return "closed" if endpoint.open_since is None else "open"


def last_address(store: Store) -> str:
    """Where the store was last to be notified; "" for nowhere yet."""
    latest = Order.objects.filter(store=store).exclude(notify_url="").order_by("-pk")
    return latest.values_list("notify_url", flat=True).first() or ""


@dataclass(frozen=True, kw_only=True)
class TestAnswer:
    """What came back for a test notification."""

    url: str
    outcome: Outcome
    # the answer's text, cleaned
    text: str
    # whether a real notification with this answer would be taken as delivered
    is_acknowledged: bool

    @property
    def verdict(self) -> str:
        """In words what the answer is worth."""
        return "acknowledged" if self.is_acknowledged else answer.failure_reason(self.outcome)


def _test_message(partner_no: str) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a message about an order that does not exist.

    It is signed with a key made for it and forgotten, and its status is 0: no order can be completed with it.
    """
    key, message_id, now = SignKey.generate(), f"msg_test_{uuid.uuid4().hex}"[:40], int(time.time())
    order = Order(order_no=f"TEST{now}", partner_order_no=f"test-{now}", amount=1, currency="CNY", wallet="")
    body = {**wire.order_body(order), "msg": "test", "status": 0}
    header = wire.header(partner_no, sign_type=signing.SHA256, message_id=message_id)
    content = signing.encode({"header": header, "body": body})
    return signing.sign_notification(content, message_id, now, key)


def send_test(url: str, store: Store | None = None) -> TestAnswer:
    """Send a test notification now and wait for the answer. Stores nothing; call it outside a transaction."""
    body, headers = _test_message(store.partner.partner_no if store else "TEST")
    outcome = asyncio.run(_send_test(url, body, headers))
    taken = answer.is_acknowledged(outcome, any_2xx=bool(store and store.acknowledge_any_2xx))
    return TestAnswer(url=url, outcome=outcome, text=answer.kept_answer(outcome), is_acknowledged=taken)


async def _send_test(url: str, body: bytes, headers: dict[str, str]) -> Outcome:
    async with Sender(1, conf.notify_deadline_seconds) as sender:
        return await sender.send(url, body, headers)
