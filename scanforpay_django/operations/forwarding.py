"""Copies of sandbox orders' notifications for a developer's machine, beside the delivery and without a trace in it."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_variables

from scanforpay_django import signing
from scanforpay_django.conf import conf
from scanforpay_django.merchant_notify import answer
from scanforpay_django.merchant_notify.claim import KEY_UNREADABLE, NO_KEY
from scanforpay_django.merchant_notify.keys import get_secrets
from scanforpay_django.models import Notification
from scanforpay_django.operations.sandbox_orders import is_sandbox_order, sandbox_notifications
from scanforpay_django.transport import Outcome, Sender, UrlRefused, split_url

#: rows that were numbered before the newest one may be committed after it: so many are looked at again
LOOKED_AT_AGAIN = 500


class NotForwarded(Exception):
    """It cannot be forwarded; the text is for people."""


def read_target(text: str) -> str:
    """The address to forward to; ``http://`` may be left out. Raises NotForwarded."""
    url = text if "://" in text else f"http://{text}"
    try:
        return split_url(url).url
    except UrlRefused as error:
        raise NotForwarded(f"{text} is no address to forward to: {gettext(str(error))}.") from error


@dataclass(frozen=True, kw_only=True)
class Copied:
    """What came back for a copy."""

    outcome: Outcome
    # whether the same answer would count as delivered
    is_acknowledged: bool
    # the answer's text, cleaned
    text: str

    @property
    def verdict(self) -> str:
        """In words what the answer is worth."""
        return "acknowledged" if self.is_acknowledged else answer.failure_reason(self.outcome)


@sensitive_variables()
def forward(notification: Notification, url: str) -> Copied:
    """Send a copy as the worker would, with the same body and headers, and wait for the answer. Stores nothing.

    Call it outside a transaction.
    """
    partner_pk = notification.partner_id
    secret = get_secrets([partner_pk]).get(partner_pk)
    if secret:
        content, now = notification.content.encode(), int(time.time())
        body, headers = signing.sign_notification(content, notification.message_id, now, secret)
        outcome = asyncio.run(send_trusted(url, body, headers))
    else:
        outcome = Outcome(status=None, reason=NO_KEY if secret is None else KEY_UNREADABLE)
    any_2xx = notification.order.store.acknowledge_any_2xx
    return Copied(
        outcome=outcome,
        is_acknowledged=answer.is_acknowledged(outcome, any_2xx=any_2xx),
        text=answer.kept_answer(outcome),
    )


async def send_trusted(url: str, body: bytes, headers: dict[str, str]) -> Outcome:
    """One send to an address that somebody with a shell here has typed.

    The address guard keeps merchants from having this server call its own network. Who may run a command on it can do
    that anyway, and a shop that is being developed is on the loopback or in the local network.
    """
    origins = {split_url(url).origin}
    async with Sender(1, conf.notify_deadline_seconds, trusted_origins=origins) as sender:
        return await sender.send(url, body, headers)


def _with_orders(rows: "QuerySet[Notification]") -> "QuerySet[Notification]":
    return rows.select_related("order__store", "partner", "refund").order_by("pk")


def find_notifications(name: str, partner_no: str = "") -> list[Notification]:
    """The notification of that message id, or all of the order with that number, ours or the merchant's.

    Raises NotForwarded: none, of several partners, or of an order that was paid for real.
    """
    is_named = Q(message_id=name) | Q(order__order_no=name) | Q(order__partner_order_no=name)
    rows = _with_orders(Notification.objects.filter(is_named, **_of_partner(partner_no)))
    found = list(rows)
    if not found:
        raise NotForwarded(
            f"There is no notification {name}, nor one of an order with that number: an order has one when it is "
            "paid and was created with a notifyUrl."
        )
    if len({row.partner_id for row in found}) > 1:
        raise NotForwarded(f"Several partners have an order {name}: give --partner.")
    live = [row.order for row in found if not is_sandbox_order(row.order)]
    if live:
        raise NotForwarded(
            f"Order {live[0].order_no} is not a sandbox order: a payment of it went through an account in production. "
            "A copy would let goods go out twice. To deliver it again: manage.py scanforpay_notifications resend."
        )
    return found


def _of_partner(partner_no: str) -> dict[str, Any]:
    return {"partner__partner_no": partner_no} if partner_no else {}


class Arrivals:
    """Sandbox orders' notifications that are written from now on, each once."""

    def __init__(self, partner_no: str = "") -> None:
        self._narrowed = _of_partner(partner_no)
        newest = Notification.objects.order_by("-pk").values_list("pk", flat=True)
        self._seen = set(newest[:LOOKED_AT_AGAIN])

    def look(self) -> list[Notification]:
        """Those that have come since the last look, oldest first."""
        floor = min(self._seen, default=0)
        rows = Notification.objects.filter(pk__gt=floor).order_by("pk")
        new = [pk for pk in rows.values_list("pk", flat=True) if pk not in self._seen]
        if not new:
            return []
        self._seen = set(sorted(self._seen | set(new))[-LOOKED_AT_AGAIN:])
        return list(_with_orders(sandbox_notifications().filter(pk__in=new, **self._narrowed)))
