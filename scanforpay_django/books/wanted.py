"""Which postings an order's payments and refunds come to, as their rows are now."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from scanforpay_django.books import accounts
from scanforpay_django.books.fees import compute_fee, compute_returned_fee
from scanforpay_django.flows.refund_unapplied import unapplied_kind
from scanforpay_django.models import Order, Payment, Posting, Refund

#: the cause's type, the cause's key, the kind: what there is at most one standing posting of
Key = tuple[str, int, str]
CauseType, Kind = Posting.CauseType, Posting.Kind


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """One posting that is to stand."""

    key: Key
    source: str
    destination: str
    # minor units
    amount: int
    currency: str
    effective_at: datetime
    store_id: int
    account_id: int
    rate: Decimal | None = None

    def is_posted_as(self, posting: Posting) -> bool:
        """Whether a standing posting says the same. Moments and rates are those of the first time."""
        return all(getattr(self, name) == getattr(posting, name) for name in _COMPARED)

    def make(self, revision: int, *, not_before: datetime | None = None) -> Posting:
        """The row to be inserted, without a key."""
        cause_type, cause_id, kind = self.key
        at = max(self.effective_at, not_before or self.effective_at)
        values = {name: getattr(self, name) for name in (*_COMPARED, "rate")}
        return Posting(
            cause_type=cause_type, cause_id=cause_id, kind=kind, revision=revision, effective_at=at, **values
        )


_COMPARED = ("source", "destination", "amount", "currency", "store_id", "account_id")


def find_wanted(
    order: Order,
    payments: Collection[Payment],
    refunds: Collection[Refund],
    rates: Mapping[int, Decimal | None],
    billed: Mapping[Key, int] | None = None,
) -> Iterator[Wanted]:
    """``rates``: payment -> the rate that its fee was first booked at, None without one. A payment that is not in it is
    booked for the first time, at its account's rate of today. ``billed``: the fees that a bill has said, which are
    wanted no more.
    """
    known = billed or {}
    for payment in payments:
        if payment.state == Payment.State.PAID and payment.paid_amount:
            rate = rates.get(payment.pk, payment.account.fee_rate)
            own = [refund for refund in refunds if refund.payment_id == payment.pk]
            found = _PaymentBook(order, payment, rate, known).find_wanted(own)
            yield from (one for one in found if one.key not in known)


class _PaymentBook:
    """The postings of one payment and its refunds."""

    def __init__(
        self, order: Order, payment: Payment, rate: Decimal | None, billed: Mapping[Key, int]
    ) -> None:
        self.payment, self.rate = payment, rate
        self.return_rate = _find_return_rate(payment, rate, billed)
        names = (payment.account.wallet, payment.account_id)
        self.platform = accounts.platform(*names, payment.paid_currency)
        self.fees = accounts.expected_fees(*names)
        self.on_their_way = accounts.refunds_on_their_way(*names)
        self.owner = _find_owner(order, payment)
        self.store_id = order.store_id

    def find_wanted(self, refunds: Collection[Refund]) -> Iterator[Wanted]:
        """Payment first, then its refunds in the order in which they arrived."""
        payment = self.payment
        paid = payment.paid_amount or 0
        paid_at = payment.paid_at or payment.created_at
        key = (CauseType.PAYMENT, payment.pk)
        yield self._move((*key, Kind.COLLECTED), self.owner, self.platform, paid, paid_at)
        fee = compute_fee(paid, self.rate) if self.rate else 0
        if fee:
            yield self._move((*key, Kind.FEE), self.platform, self.fees, fee, paid_at)
        for refund in refunds:
            if refund.state != Refund.State.FAILED:
                requested = (CauseType.REFUND, refund.pk, Kind.REQUESTED)
                yield self._move(requested, self.on_their_way, self.owner, refund.amount, refund.created_at)
        yield from self._find_arrived(paid, refunds)

    def _find_arrived(self, left: int, refunds: Collection[Refund]) -> Iterator[Wanted]:
        arrived = [
            (refund.finished_at or refund.created_at, refund.pk, refund)
            for refund in refunds
            if refund.state == Refund.State.SUCCEEDED
        ]
        for at, pk, refund in sorted(arrived, key=lambda found: found[:2]):
            key = (CauseType.REFUND, pk)
            yield self._move((*key, Kind.REFUNDED), self.platform, self.on_their_way, refund.amount, at)
            rate = self.return_rate
            returned = compute_returned_fee(left, left - refund.amount, rate) if rate else 0
            if returned:
                yield self._move((*key, Kind.FEE_RETURNED), self.fees, self.platform, returned, at)
            left -= refund.amount

    def _move(self, key: Key, source: str, destination: str, amount: int, at: datetime) -> Wanted:
        is_fee = key[2] in (Kind.FEE, Kind.FEE_RETURNED)
        return Wanted(
            key=(str(key[0]), key[1], str(key[2])),
            source=source,
            destination=destination,
            amount=amount,
            currency=self.payment.paid_currency,
            effective_at=at,
            store_id=self.store_id,
            account_id=self.payment.account_id,
            rate=self.rate if is_fee else None,
        )


def _find_return_rate(payment: Payment, rate: Decimal | None, billed: Mapping[Key, int]) -> Decimal | None:
    """Where a bill has said another fee than the agreed one, what is expected back is a part of that one."""
    paid = payment.paid_amount or 0
    fee = billed.get((str(CauseType.PAYMENT), payment.pk, str(Kind.FEE)))
    if not rate or fee is None or fee == compute_fee(paid, rate):
        return rate
    return Decimal(max(fee, 0)) / paid


def _find_owner(order: Order, payment: Payment) -> str:
    """Whose the money is."""
    store_no = order.store.store_no
    if payment.is_applied:
        return accounts.orders(store_no)
    if unapplied_kind(order, payment) == Refund.Kind.DUPLICATE:
        return accounts.overpaid(store_no)
    return accounts.unapplied(store_no)


def find_ends(refunds: Collection[Refund]) -> dict[Key, datetime]:
    """When what was requested came to nothing: that is the moment of its reversal."""
    return {
        (str(CauseType.REFUND), refund.pk, str(Kind.REQUESTED)): refund.finished_at
        for refund in refunds
        if refund.state == Refund.State.FAILED and refund.finished_at
    }
