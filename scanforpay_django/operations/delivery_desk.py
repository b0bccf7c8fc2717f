"""What staff do about notifications, in admin or in the shell: look, send again, try an address out."""

import asyncio
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Count, Max, Min, Q, QuerySet

from scanforpay_django import signing, wire
from scanforpay_django.conf import conf
from scanforpay_django.merchant_notify import answer
from scanforpay_django.merchant_notify.outbox import resend_all
from scanforpay_django.models import Endpoint, HandlerCall, Notification, Order, Partner, SignKey, Store
from scanforpay_django.models.handler_call import HandlerCallQuerySet
from scanforpay_django.models.moments import database_now
from scanforpay_django.transport import Outcome, Sender


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
    """What waits for these endpoints (``Endpoint.key``)."""
    rows = Notification.objects.filter(endpoint__in=list(keys)).order_by().values("endpoint")
    # as the partial indexes of the queue and of alarms have them: the table may hold millions that are done
    pending = rows.filter(state=Notification.State.PENDING, schedule_start__gte=0)
    given_up = rows.filter(state=Notification.State.EXHAUSTED, alarmed_at__isnull=False)
    is_due = Q(next_at__lte=database_now())
    waiting = pending.annotate(number=Count("pk"), oldest_due=Min("next_at", filter=is_due))
    found = {row["endpoint"]: Waiting(number=row["number"], oldest_due=row["oldest_due"]) for row in waiting}
    for row in given_up.annotate(number=Count("pk")):
        known = found.get(row["endpoint"], Waiting())
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


def failing_handlers() -> list[FailingHandler]:
    """The handlers with such calls, those with the most first."""
    given_up, waiting = Q(state=HandlerCall.State.EXHAUSTED), Q(state=HandlerCall.State.PENDING)
    rows = failing_calls().order_by().values("handler", "event")
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
    sealed = signing.envelope("response", content, signing.sign(content, key))
    return sealed, signing.notification_headers(message_id, now, sealed, key)


def send_test(url: str, store: Store | None = None) -> TestAnswer:
    """Send a test notification now and wait for the answer. Stores nothing; call it outside a transaction."""
    body, headers = _test_message(store.partner.partner_no if store else "TEST")
    outcome = asyncio.run(_send_test(url, body, headers))
    taken = answer.is_acknowledged(outcome, any_2xx=bool(store and store.acknowledge_any_2xx))
    return TestAnswer(url=url, outcome=outcome, text=answer.kept_answer(outcome), is_acknowledged=taken)


async def _send_test(url: str, body: bytes, headers: dict[str, str]) -> Outcome:
    async with Sender(1, conf.notify_deadline_seconds) as sender:
        return await sender.send(url, body, headers)
