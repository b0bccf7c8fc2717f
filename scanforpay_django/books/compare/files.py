"""What is wrong with the file itself: lines that do not read, totals, another version, a balance."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Sum

from scanforpay_django import money
from scanforpay_django.books.compare.values import BillSpan, Found, Kind, LineKind
from scanforpay_django.models import BillFile, BillLine, BillProblem

KINDS = (Kind.BILL_BROKEN, Kind.LINE_UNREAD, Kind.FEE_SUM, Kind.BILL_CHANGED)
_UNREAD = (BillProblem.Code.LINE_UNREAD, BillProblem.Code.WORD_UNKNOWN, BillProblem.Code.TOO_MANY)
# Columns of a later year: what is known is read all the same.
_HARMLESS = (BillProblem.Code.COLUMN_UNKNOWN,)
_SAID = (
    "out_trade_no",
    "trade_no",
    "out_refund_no",
    "refund_id",
    "kind",
    "word",
    "at",
    "amount",
    "settled",
    "fee",
)
#: what totals of fees are called in the platforms' files
_FEE_TOTALS = ("手续费", "服务费", "fee")


def compare_file(span: BillSpan) -> Iterator[Found]:
    """A difference for each problem, which names the line."""
    if span.bill.error:
        yield _found(span, Kind.BILL_BROKEN, "file", theirs=span.bill.error)
    for problem in span.bill.problems.exclude(code__in=_HARMLESS).order_by("part", "line_no", "pk"):
        yield _describe(span, problem)
    yield from _find_changed(span)


def _describe(span: BillSpan, problem: BillProblem) -> Found:
    number = f"{problem.part}:{problem.line_no}:{problem.code}:{problem.field}"[:100]
    details = {"part": problem.part, "line": problem.line_no, "raw": problem.raw[:1000]}
    said = {"field": problem.field, "ours": problem.expected, "theirs": problem.stated, "details": details}
    if problem.code in _UNREAD:
        return _found(span, Kind.LINE_UNREAD, number, **said)
    is_fee = any(name in problem.field.lower() for name in _FEE_TOTALS)
    if problem.code == BillProblem.Code.TOTAL_DIFFERS and is_fee:
        return _found(span, Kind.FEE_SUM, number, **said)
    if problem.code == BillProblem.Code.PARTY and problem.line_no:
        return _found(span, Kind.PARTY, number, **said)
    return _found(span, Kind.BILL_BROKEN, number, **said)


def _find_changed(span: BillSpan) -> Iterator[Found]:
    """A bill that was read was published again with other content."""
    versions = BillFile.objects.versions(span.bill).filter(
        source=BillFile.Source.API, state=BillFile.State.READ, pk__lt=span.bill.pk
    )
    before = versions.order_by("pk").last()
    if before is None or span.bill.source != BillFile.Source.API:
        return
    changed = _first_changed(before, span.bill)
    if not changed and before.line_count == span.bill.line_count:
        return
    yield _found(
        span,
        Kind.BILL_CHANGED,
        span.bill.sha256[:12],
        field="lines",
        ours=str(before.line_count),
        theirs=str(span.bill.line_count),
        details={"before": before.pk, "first": changed, "totals_before": before.totals},
    )


def _first_changed(before: BillFile, after: BillFile) -> str:
    """The number of a line that only one of two versions has; "" where their lines say the same, or where those of the
    first were deleted. Packed files differ by the moment of packing, and some name the moment of the export.
    """
    one, other = (
        BillLine.objects.filter(file=bill).order_by().values_list(*_SAID) for bill in (before, after)
    )
    if before.line_count and not one.exists():
        return ""
    for row in (*one.difference(other).order_by()[:1], *other.difference(one).order_by()[:1]):
        return str(row[0] or row[1])
    return ""


def compare_balance(span: BillSpan) -> Iterator[Found]:
    """Of a bill of all movements: the balance before the first, and all movements, are the balance after the last."""
    lines = BillLine.objects.filter(file=span.bill, balance__isnull=False).order_by("part", "line_no")
    first, last = lines.first(), lines.last()
    if first is None or last is None:
        return
    opening = (first.balance or 0) - _signed(first)
    moved = {
        kind: int(lines.filter(kind=kind).order_by().aggregate(total=Sum("amount"))["total"] or 0)
        for kind in (LineKind.INCOME, LineKind.EXPENSE)
    }
    closing = opening + moved[LineKind.INCOME] - moved[LineKind.EXPENSE]
    if closing != last.balance:
        ours, theirs = (_shown(value, last.currency) for value in (closing, last.balance or 0))
        yield _found(
            span,
            Kind.BALANCE,
            "closing",
            field="balance",
            ours=ours,
            theirs=theirs,
            amount=(last.balance or 0) - closing,
            currency=last.currency,
        )


def _signed(line: BillLine) -> int:
    return line.amount if line.kind == LineKind.INCOME else -line.amount


def _shown(amount: int, currency: str) -> str:
    return f"{'-' if amount < 0 else ''}{money.to_major(abs(amount), currency)}"


def _found(span: BillSpan, kind: Kind, number: str, **said: Any) -> Found:
    return Found(kind=kind, number=number, account_id=span.merchant.account.pk, **said)
