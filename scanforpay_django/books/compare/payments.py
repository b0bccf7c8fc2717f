"""Lines of payments: each is a payment of ours with the same amount, currency, number and merchant, or a difference."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from itertools import islice
from operator import or_
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from scanforpay_django import money
from scanforpay_django.books.compare.values import BillSpan, Found, Kind, LineKind
from scanforpay_django.models import BillLine, Payment

#: what this module judges
KINDS = (
    Kind.PAID_THERE_OPEN_HERE,
    Kind.PAID_THERE_CLOSED_HERE,
    Kind.AMOUNT,
    Kind.CURRENCY,
    Kind.DOUBLE_PAYMENT,
    Kind.DUPLICATE_LINE,
    Kind.REVOKED_THERE,
    Kind.PARTY,
    Kind.NUMBER,
)
#: numbers of one statement
TOGETHER = 500


@dataclass(frozen=True, kw_only=True)
class PaymentCounts:
    """What one statement over all lines finds out."""

    lines: int
    # lines with a payment of ours, and how many payments those are
    matched: int
    payments: int
    # of them, the number's own that were paid in the bill's own days
    paid_in_span: int
    odd: int
    # the payment's moment lies outside the bill's days: midnight, or the line is there a second time
    shifted: int
    # of an account with an agreed rate, and the fee is another
    fees_off: int


def payment_lines(span: BillSpan) -> "QuerySet[BillLine]":
    """The lines of the bill that are payments."""
    return BillLine.objects.filter(file=span.bill, kind=LineKind.PAYMENT).order_by()


def count_payments(span: BillSpan, is_fee_off: Q) -> PaymentCounts:
    """One pass over the lines and their payments. When nothing is odd, nothing else has to be read."""
    in_span = span.within("payment__paid_at")
    own = in_span & Q(payment__account__in=span.merchant.account_ids)
    found = payment_lines(span).aggregate(
        lines=Count("pk"),
        matched=Count("payment__id"),
        payments=Count("payment__id", distinct=True),
        # Each DISTINCT of a million is a second: this one only where a number is there twice.
        paid_in_span=Count("payment__id", filter=own),
        odd=Count("pk", filter=_is_odd(span)),
        shifted=Count("pk", filter=Q(payment__id__isnull=False) & ~in_span),
        fees_off=Count("pk", filter=is_fee_off),
    )
    if found["payments"] < found["matched"]:
        twice = payment_lines(span).filter(own)
        found |= twice.aggregate(paid_in_span=Count("payment__id", distinct=True))
    return PaymentCounts(**found)


def _is_odd(span: BillSpan) -> Q:
    """A line of ours that does not agree in all. What agrees is never read into Python."""
    odd = (
        ~Q(payment__state=Payment.State.PAID)
        | ~Q(payment__paid_amount=F("amount"))
        | ~Q(payment__paid_currency=F("currency"))
        | (~Q(payment__trade_no=F("trade_no")) & ~Q(trade_no="") & ~Q(payment__trade_no=""))
        | ~Q(payment__account__in=span.merchant.account_ids)
        | Q(payment__is_unapplied=True)
    )
    return Q(payment__id__isnull=False) & reduce(or_, _wrong_parties(span), odd)


def _wrong_parties(span: BillSpan) -> Iterator[Q]:
    """Whose merchant is another than the account's. The pairs are few, whatever the lines are."""
    parties = span.merchant.parties
    if not parties:
        return
    pairs = payment_lines(span).filter(payment__account__in=list(parties)).order_by()
    for account_id, party in pairs.values_list("payment__account", "party").distinct():
        if party != parties[account_id]:
            yield Q(payment__account=account_id, party=party)


def compare_payments(span: BillSpan, counts: PaymentCounts) -> Iterator[Found]:
    """Differences of the lines that have a payment of ours."""
    if counts.odd:
        odd = payment_lines(span).filter(_is_odd(span)).select_related("payment__order")
        for lines in batched(odd.iterator(chunk_size=TOGETHER)):
            reversed_there = _find_reversed(span, [line.out_trade_no for line in lines])
            for line in lines:
                yield from _judge(span, line, is_reversed=line.out_trade_no in reversed_there)
    if counts.payments < counts.matched:
        yield from _find_twice(span)
    yield from _find_revoked(span)


def batched(rows: Iterable[Any]) -> Iterator[list[Any]]:
    """So many rows at a time as one statement is asked about."""
    rest = iter(rows)
    while batch := list(islice(rest, TOGETHER)):
        yield batch


def _find_reversed(span: BillSpan, numbers: list[str]) -> set[str]:
    """A barcode payment that was paid and reversed may have a line for each."""
    lines = BillLine.objects.filter(
        file__in=span.file_ids, kind=LineKind.REVERSAL, out_trade_no__in=numbers
    ).order_by()
    return set(lines.values_list("out_trade_no", flat=True))


def _judge(span: BillSpan, line: Any, *, is_reversed: bool) -> Iterator[Found]:
    payment = line.payment
    if payment.account_id not in span.merchant.account_ids:
        ours = f"wallet account {payment.account_id}"
        yield make_found(span, Kind.PARTY, line, field="merchant", ours=ours, theirs=span.merchant.number)
        return
    expected = span.merchant.parties.get(payment.account_id, line.party)
    if line.party != expected:
        yield make_found(span, Kind.PARTY, line, field="sub-merchant", ours=expected, theirs=line.party)
    if payment.state != Payment.State.PAID:
        if not is_reversed:
            yield _judge_unpaid(span, line)
        return
    if payment.paid_currency != line.currency:
        yield make_found(
            span, Kind.CURRENCY, line, field="currency", ours=payment.paid_currency, theirs=line.currency
        )
    elif payment.paid_amount != line.amount:
        ours = money.to_major(payment.paid_amount or 0, payment.paid_currency)
        theirs = money.to_major(line.amount, line.currency)
        off = line.amount - (payment.paid_amount or 0)
        yield make_found(span, Kind.AMOUNT, line, field="amount", ours=ours, theirs=theirs, amount=off)
    if line.trade_no and payment.trade_no and payment.trade_no != line.trade_no:
        yield make_found(
            span, Kind.NUMBER, line, field="trade_no", ours=payment.trade_no, theirs=line.trade_no
        )
    if _is_second(payment):
        yield make_found(span, Kind.DOUBLE_PAYMENT, line, field="order", ours="paid twice", theirs=line.word)


def _judge_unpaid(span: BillSpan, line: Any) -> Found:
    payment = line.payment
    others = Payment.objects.filter(order=payment.order_id, state=Payment.State.PAID).exclude(pk=payment.pk)
    if others.exists():
        kind = Kind.DOUBLE_PAYMENT
    elif payment.is_unfinished():
        kind = Kind.PAID_THERE_OPEN_HERE
    else:
        kind = Kind.PAID_THERE_CLOSED_HERE
    return make_found(span, kind, line, field="state", ours=payment.state, theirs=line.word)


def _is_second(payment: Payment) -> bool:
    """Paid beside another payment of its order, and not all of it refunded or on its way back."""
    left = (payment.paid_amount or 0) - payment.refunded_amount - payment.reserved_amount
    if not payment.is_unapplied or left <= 0:
        return False
    applied = Payment.objects.filter(order=payment.order_id, is_applied=True)
    return applied.exists()


def _find_twice(span: BillSpan) -> Iterator[Found]:
    """The same number in two lines of one bill."""
    several = payment_lines(span).filter(payment__id__isnull=False).values("out_trade_no")
    numbers = several.annotate(number=Count("pk")).filter(number__gt=1).values_list("out_trade_no", "number")
    for number, count in list(numbers):
        line = payment_lines(span).filter(out_trade_no=number).select_related("payment__order").last()
        yield make_found(span, Kind.DUPLICATE_LINE, line, field="lines", ours="1", theirs=str(count))


def _find_revoked(span: BillSpan) -> Iterator[Found]:
    """Reversed at the platform: the money went back, and here it counts as paid."""
    lines = BillLine.objects.filter(file=span.bill, kind=LineKind.REVERSAL, payment__state=Payment.State.PAID)
    for line in lines.select_related("payment__order"):
        payment: Any = line.payment
        left = (payment.paid_amount or 0) - payment.refunded_amount - payment.reserved_amount
        if left > 0:
            yield make_found(
                span, Kind.REVOKED_THERE, line, field="state", ours=payment.state, theirs=line.word
            )


def make_found(span: BillSpan, kind: Kind, line: Any, *, amount: int | None = None, **said: str) -> Found:
    """A difference of a line whose payment is ours, or another merchant number's."""
    payment = line.payment
    is_ours = payment.account_id in span.merchant.account_ids
    return Found(
        kind=kind,
        number=line.out_trade_no,
        account_id=payment.account_id if is_ours else span.merchant.account.pk,
        # Staff of the bill's store may see none of another one.
        order_no=payment.order.order_no if is_ours else "",
        amount=line.amount if amount is None else amount,
        currency=line.currency,
        details=describe_line(line),
        **said,
    )


def describe_line(line: BillLine) -> dict[str, Any]:
    """What the page of a difference shows of the line."""
    return {
        "part": line.part,
        "line": line.line_no,
        "at": line.at.isoformat(),
        "trade_no": line.trade_no,
        "word": line.word,
        "amount": line.amount,
        "currency": line.currency,
        **({"refund_id": line.refund_id} if line.refund_id else {}),
        **({"out_trade_no": line.out_trade_no} if line.out_refund_no else {}),
    }
