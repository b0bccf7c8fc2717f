"""Lines of refunds. Some platforms list a refund on the day on which it was accepted, with the state that it had then,
for ever; others on the day on which it was finished. So a refund that is on its way in a bill and done here agrees.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from scanforpay_django import money
from scanforpay_django.books.compare.payments import TOGETHER, describe_line
from scanforpay_django.books.compare.values import BillSpan, Found, Kind, LineKind
from scanforpay_django.flows.overdue import MAX_REFUND
from scanforpay_django.models import BillLine, Payment, Refund
from scanforpay_django.wallets.registry import find_wallet_class

#: what this module judges
KINDS = (
    Kind.REFUND_UNKNOWN,
    Kind.REFUND_AMOUNT,
    Kind.REFUND_FAILED_THERE,
    Kind.REFUND_PENDING,
    Kind.OVER_REFUNDED,
)
_REFUNDS = (LineKind.REFUND, LineKind.FAILED_REFUND)


def refund_lines(span: BillSpan) -> "QuerySet[BillLine]":
    """The bill's refunds, failed ones too."""
    return BillLine.objects.filter(file=span.bill, kind__in=_REFUNDS).order_by()


def compare_refunds(span: BillSpan) -> Iterator[Found]:
    """Differences of refunds whose payment or refund is ours."""
    rows = (
        refund_lines(span)
        .filter(_is_odd(span))
        .select_related("refund__payment__order", "payment__order", "payment__account__store")
    )
    batch: list[Any] = []
    for line in rows.order_by("pk").iterator(chunk_size=TOGETHER):
        batch.append(line)
        if len(batch) == TOGETHER:
            yield from _judge_all(span, batch)
            batch = []
    yield from _judge_all(span, batch)
    yield from _find_twice(span)


def _is_odd(span: BillSpan) -> Q:
    """A refund of ours that does not agree, and one that is not known, of a payment of ours."""
    is_wrong = (
        ~Q(refund__amount=F("amount"))
        | ~Q(refund__currency=F("currency"))
        | Q(kind=LineKind.REFUND, refund__state=Refund.State.FAILED)
        | Q(kind=LineKind.FAILED_REFUND, refund__state=Refund.State.SUCCEEDED)
        | Q(refund__state__in=Refund.UNFINISHED, refund__sent_at__lt=_pending_since(span))
    )
    is_own = Q(payment__account__in=span.merchant.account_ids)
    is_unknown = Q(refund__id__isnull=True) & is_own
    is_anothers = Q(payment__id__isnull=False) & ~is_own
    return (Q(refund__id__isnull=False) & is_wrong) | is_unknown | is_anothers


def _pending_since(span: BillSpan) -> Any:
    backend = find_wallet_class(span.merchant.wallet)
    published = backend.limits.refund_seconds if backend else 0
    return span.now - (timedelta(seconds=published) if published else MAX_REFUND)


def _judge_all(span: BillSpan, lines: list[Any]) -> Iterator[Found]:
    imported = _Imported(lines)
    for line in lines:
        if line.payment and line.payment.account_id not in span.merchant.account_ids:
            ours, theirs = f"wallet account {line.payment.account_id}", span.merchant.number
            yield make_found(span, Kind.PARTY, line, line.payment, field="merchant", ours=ours, theirs=theirs)
        elif line.refund is None:
            yield from _judge_unknown(span, line, imported)
        else:
            yield from _judge(span, line)


class _Imported:
    """Refunds that were made at the platform and have another number here, or none of the platform's."""

    def __init__(self, lines: list[Any]) -> None:
        self._free: dict[int, list[Refund]] = defaultdict(list)
        # payment -> minor units of the lines that are of no refund here
        self.unknown: dict[int, int] = defaultdict(int)
        ids = [line.refund_id for line in lines if line.refund_id]
        payments = [line.payment.pk for line in lines if line.refund is None and line.payment]
        rows = Refund.objects.filter(payment__in=payments, state=Refund.State.SUCCEEDED)
        self._by_id = {row.refund_id: row for row in Refund.objects.filter(refund_id__in=ids)}
        for row in rows.filter(source=Refund.Source.PLATFORM).order_by("pk"):
            self._free[row.payment_id].append(row)

    def take(self, line: Any) -> Refund | None:
        """The refund that a line is about; each is taken once."""
        if line.refund_id in self._by_id:
            return self._by_id[line.refund_id]
        rows = self._free[line.payment.pk]
        found = next((row for row in rows if row.amount == line.amount), None)
        if found is not None:
            rows.remove(found)
        return found


def _judge_unknown(span: BillSpan, line: Any, imported: _Imported) -> Iterator[Found]:
    """A refund that was made in the platform's console, or under a number that was lost here."""
    payment = line.payment
    # What failed has moved nothing, whatever its number.
    if line.kind == LineKind.FAILED_REFUND or imported.take(line) is not None:
        return
    yield make_found(span, Kind.REFUND_UNKNOWN, line, payment, field="refund", theirs=line.word)
    imported.unknown[payment.pk] += line.amount
    taken = payment.refunded_amount + payment.reserved_amount + imported.unknown[payment.pk]
    if payment.state == Payment.State.PAID and taken > (payment.paid_amount or 0):
        yield _over_refunded(span, line, payment, taken)


def _judge(span: BillSpan, line: Any) -> Iterator[Found]:
    refund, payment = line.refund, line.refund.payment
    if refund.currency != line.currency:
        said = {"field": "currency", "ours": refund.currency, "theirs": line.currency}
        yield make_found(span, Kind.CURRENCY, line, payment, **said)
    elif refund.amount != line.amount:
        ours = money.to_major(refund.amount, refund.currency)
        theirs = money.to_major(line.amount, line.currency)
        off = line.amount - refund.amount
        yield make_found(
            span, Kind.REFUND_AMOUNT, line, payment, field="amount", ours=ours, theirs=theirs, off=off
        )
        taken = payment.refunded_amount + payment.reserved_amount + off
        if taken > (payment.paid_amount or 0):
            yield _over_refunded(span, line, payment, taken)
    is_failed_there = line.kind == LineKind.FAILED_REFUND
    said = {"field": "state", "ours": refund.state, "theirs": line.word}
    if is_failed_there and refund.state == Refund.State.SUCCEEDED and not refund.way:
        yield make_found(span, Kind.REFUND_FAILED_THERE, line, payment, **said)
    elif not is_failed_there and refund.state == Refund.State.FAILED and not _was_on_its_way(line):
        yield make_found(span, Kind.REFUND_UNKNOWN, line, payment, **said)
    elif not is_failed_there and not refund.is_final() and refund.sent_at < _pending_since(span):
        yield make_found(span, Kind.REFUND_PENDING, line, payment, **said)


def _was_on_its_way(line: BillLine) -> bool:
    """The bill was made before the refund failed."""
    return "PROCESSING" in line.word


def _over_refunded(span: BillSpan, line: Any, payment: Any, taken: int) -> Found:
    return make_found(
        span,
        Kind.OVER_REFUNDED,
        line,
        payment,
        field="sum of refunds",
        ours=money.to_major(payment.paid_amount or 0, line.currency),
        theirs=money.to_major(taken, line.currency),
        off=taken - (payment.paid_amount or 0),
    )


def _find_twice(span: BillSpan) -> Iterator[Found]:
    """The same refund in two lines of one bill."""
    own = refund_lines(span).filter(refund__id__isnull=False)
    counts = own.aggregate(lines=Count("pk"), refunds=Count("refund__id", distinct=True))
    if counts["lines"] == counts["refunds"]:
        return
    several = own.values("out_refund_no").annotate(number=Count("pk"), total=Sum("amount"))
    for row in several.filter(number__gt=1):
        rows = own.filter(out_refund_no=row["out_refund_no"])
        line: Any = rows.select_related("refund__payment__order").order_by("pk").last()
        payment = line.refund.payment
        yield make_found(
            span, Kind.DUPLICATE_LINE, line, payment, field="lines", ours="1", theirs=str(row["number"])
        )


def make_found(
    span: BillSpan, kind: Kind, line: Any, payment: Any, *, off: int | None = None, **said: str
) -> Found:
    """A difference of a line about a refund of this payment."""
    is_ours = payment.account_id in span.merchant.account_ids
    return Found(
        kind=kind,
        number=line.out_refund_no or line.refund_id or f"{line.part}:{line.line_no}",
        account_id=payment.account_id if is_ours else span.merchant.account.pk,
        order_no=payment.order.order_no if is_ours else "",
        amount=line.amount if off is None else off,
        currency=line.currency,
        details={**describe_line(line), "out_trade_no": payment.out_trade_no},
        **said,
    )
