"""What platforms say, as wallets give it to flows: frozen, keyword-only."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self

from scanforpay_django import money


class TradeState(enum.StrEnum):
    """What a platform says of a payment."""

    PAID = "paid"
    UNPAID = "unpaid"
    CLOSED = "closed"
    NOT_FOUND = "not_found"
    UNKNOWN = "unknown"


class RefundState(enum.StrEnum):
    """What a platform says of a refund."""

    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    # the money has left the merchant and could not reach the payer: not final
    PAYER_UNREACHABLE = "payer_unreachable"
    # nothing goes on; WeChat Pay never reopens the same number
    CLOSED = "closed"
    NOT_FOUND = "not_found"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class RefundResult:
    """What a platform says of one refund, verified by its signature."""

    out_refund_no: str
    state: RefundState
    # the payment's number, "" where the message does not say
    out_trade_no: str = ""
    # the platform's own word
    platform_state: str = ""
    # minor units; None where the platform does not say
    amount: int | None = None
    # minor units: all refunds of the trade together, where the platform reports that too; it is compared with what is
    # known here
    trade_refunded: int | None = None
    # the same in major units, as it came, where the message names no currency
    trade_refunded_text: str = ""
    refund_id: str = ""
    refunded_at: datetime | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)

    def in_currency(self, currency: str) -> Self:
        """The same with the sum read in the payment's own currency."""
        if not self.trade_refunded_text:
            return self
        return replace(self, trade_refunded=_minor(self.trade_refunded_text, currency))


@dataclass(frozen=True, kw_only=True)
class PaymentResult:
    """What a platform says of one payment, verified by its signature."""

    out_trade_no: str
    state: TradeState
    # the platform's own word, kept as it came
    platform_state: str = ""
    # minor units; None where the platform does not say
    amount: int | None = None
    # None where the message carries no currency
    currency: str | None = None
    trade_no: str = ""
    paid_at: datetime | None = None
    # masked or opaque, for people
    buyer: str = ""
    # paid once, and all of it has gone back since
    is_returned: bool = False
    # minor units that were refunded so far, by all refunds together; None where the message does not tell
    returned_amount: int | None = None
    # both in major units, as they came, where the platform may name no currency: the payment's own is then meant
    amount_text: str = ""
    returned_text: str = ""
    # our number of the refund the message is about, "" where it is about none
    out_refund_no: str = ""
    # what the order carried for us, "" where the message does not bring it back
    reference: str = ""
    # the answer as it came, for the timeline; holds no secret
    raw: Mapping[str, Any] = field(default_factory=dict)

    def in_currency(self, currency: str, *, names_it: bool = False) -> Self:
        """The same with its texts read in a currency: the message's own, or the payment's where it names none."""
        if not self.amount_text or self.currency:
            return self
        amount = _minor(self.amount_text, currency)
        returned = _minor(self.returned_text, currency) if self.returned_text else None
        is_partly_returned = None not in (amount, returned) and returned != amount
        return replace(
            self,
            amount=amount,
            returned_amount=returned,
            currency=currency if names_it else None,
            is_returned=self.is_returned and not is_partly_returned,
        )


def _minor(text: str, currency: str) -> int | None:
    try:
        return money.to_minor(text, currency)
    except ValueError:
        return None


@dataclass(frozen=True, kw_only=True)
class VerifiedNotification:
    """What a platform's notification says, after its signature was verified."""

    # unique per account: the platform's event id
    event_id: str
    # the platform's name of the event
    kind: str
    # the content as text, for the record
    body: str
    # None for messages that tell of no payment
    result: PaymentResult | None
    # for messages that tell of a refund
    refund: RefundResult | None = None
    # names of fields for which the message was not believed by itself: ``result`` is then what a query answered
    doubts: str = ""


@dataclass(frozen=True, kw_only=True)
class Acknowledgement:
    """What a platform wants to read."""

    status: int
    content_type: str
    body: bytes
