"""What the cases are made of: a sandbox order, its messages true and false, and what a shop should do with them."""

import enum
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.views.decorators.debug import sensitive_variables

from scanforpay_django import clock, signing, wire
from scanforpay_django.models import Order, SignKey


class Expected(enum.StrEnum):
    """What a shop should do."""

    # answer 2xx with "success"
    ACKNOWLEDGE = "acknowledge"
    # answer anything else
    REFUSE = "refuse"
    # answer whatever it likes, and be quick about it
    ANSWER = "answer"


class Manner(enum.StrEnum):
    """How the messages are sent."""

    ONE_BY_ONE = "one by one"
    AT_ONCE = "at once"
    # with a pause before the last bytes
    SLOWLY = "slowly"
    # while another connection has sent a part and keeps silent
    BESIDE_A_HANGING_ONE = "beside a hanging one"


@dataclass(frozen=True, kw_only=True)
class Message:
    """One POST to the shop."""

    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Material:
    """An order and the key of its partner; messages about it."""

    order: Order
    partner_no: str
    key: str = field(repr=False)
    # a key that the shop has never seen
    strange_key: str = field(default_factory=SignKey.generate, repr=False)
    # the id of the true notification
    message_id: str = field(default_factory=lambda: f"msg_{uuid.uuid4().hex}")
    sent_at: int = field(default_factory=lambda: int(time.time()))
    # when it was written: what is sent again has the same bytes
    written_at: datetime = field(default_factory=clock.now)

    def paid_body(self, **changes: Any) -> dict[str, Any]:
        """The body that says that the order is paid."""
        order = self.order
        wallet = wire.PUBLISHED_WALLETS[0] if order.wallet == wire.ANY_WALLET else order.wallet
        paid = {
            "status": 1,
            "payTime": wire.rfc3339(order.paid_at or self.written_at),
            "wallet": wallet,
            "buyerId": "oGradingNotARealPayer",
        }
        return {**wire.order_body(order), **paid, **changes}

    def content(self, body: dict[str, Any], **header: Any) -> bytes:
        """The value of ``response`` around a body."""
        made = wire.header(self.partner_no, sign_type=signing.SHA256, message_id=self.message_id)
        made["respTime"] = wire.rfc3339(self.written_at)
        return signing.encode({"header": {**made, **header}, "body": body})

    @sensitive_variables()
    def sign(self, content: bytes, *, message_id: str = "") -> Message:
        """The message of that content, signed as we sign."""
        body, headers = signing.sign_notification(
            content, message_id or self.message_id, self.sent_at, self.key
        )
        return Message(body=body, headers=headers)

    def true_message(self, *, message_id: str = "") -> Message:
        """That the order is paid, in full."""
        return self.sign(self.content(self.paid_body()), message_id=message_id)

    def forge(self, body: bytes) -> Message:
        """Any body, with the headers that somebody without the key can make."""
        headers = signing.notification_headers(self.message_id, self.sent_at, body, self.strange_key)
        return Message(body=body, headers=headers)

    @sensitive_variables()
    def signature(self, content: bytes) -> str:
        """The right signature of a content: only for parts that somebody can have copied."""
        return signing.sign(content, self.key)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One thing that may come to a shop's notify address."""

    # unique, for scripts
    name: str
    # what is sent, as the report's heading
    title: str
    expected: Expected
    # why it matters: what happens to a shop that does otherwise
    why: str
    # what to change in such a shop
    change: str
    make: Callable[[Material], tuple[Message, ...]]
    manner: Manner = Manner.ONE_BY_ONE

    def expecting(self, expected: Expected) -> "Case":
        """The same with another expectation."""
        return replace(self, expected=expected)
