"""Payments and refunds that are here and not in the bill."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet

from scanforpay_django.books.compare.other_days import are_final
from scanforpay_django.books.compare.payments import TOGETHER, PaymentCounts
from scanforpay_django.books.compare.values import BillSpan, Found, Kind, LineKind
from scanforpay_django.models import BillDay, BillLine, Payment, Posting, Refund
from scanforpay_django.wallets.bills.amounts import CHINA

KINDS = (Kind.MISSING_THERE, Kind.REFUND_MISSING_THERE)


def find_missing_payments(span: BillSpan, counts: PaymentCounts) -> list[Payment]:
    """Paid here in the bill's days, and neither in it nor in its neighbours. By the ledger, whose index has the days;
    as a rule two counts agree, and that is all.
    """
    posted = _posted(span)
    if posted.aggregate(number=Count("cause_id", distinct=True))["number"] == counts.paid_in_span:
        return []
    paid = Payment.objects.filter(pk__in=posted.values("cause_id"), state=Payment.State.PAID).order_by()
    lines = BillLine.objects.filter(
        file__in=span.file_ids, kind__in=(LineKind.PAYMENT, LineKind.REVERSAL)
    ).order_by()
    # Django 6.1 gives a combined query the first model's ordering, whose column is not among them.
    left = paid.values_list("out_trade_no").difference(lines.values_list("out_trade_no")).order_by()
    numbers = [row[0] for row in left]
    rows: list[Payment] = []
    for start in range(0, len(numbers), TOGETHER):
        part = Payment.objects.filter(out_trade_no__in=numbers[start : start + TOGETHER])
        rows += part.select_related("order").order_by("pk")
    return rows


def _posted(span: BillSpan) -> "QuerySet[Posting]":
    return Posting.objects.filter(
        span.within("effective_at"),
        account__in=span.merchant.account_ids,
        kind=Posting.Kind.COLLECTED,
        cause_type=Posting.CauseType.PAYMENT,
        reverses=None,
    ).order_by()


def describe_missing(payment: Any) -> Found:
    """Paid here, as the platform said then."""
    return Found(
        kind=Kind.MISSING_THERE,
        number=payment.out_trade_no,
        account_id=payment.account_id,
        order_no=payment.order.order_no,
        field="state",
        ours=payment.state,
        amount=payment.paid_amount,
        currency=payment.paid_currency,
        details={"trade_no": payment.trade_no, "paid_at": _stamp(payment.paid_at)},
    )


def find_missing_refunds(span: BillSpan) -> tuple[list[Found], bool]:
    """Refunds that were finished in the bill's days and are in no bill since they were requested; and whether one of
    these bills is still to come.
    """
    finished = Refund.objects.filter(
        span.within("finished_at"),
        state=Refund.State.SUCCEEDED,
        payment__account__in=span.merchant.account_ids,
    ).order_by()
    lines = BillLine.objects.filter(file__in=span.file_ids).exclude(out_refund_no="").order_by()
    left = finished.values_list("out_refund_no").difference(lines.values_list("out_refund_no")).order_by()
    found, is_waiting = [], False
    for refund in _read(sorted(row[0] for row in left)):
        is_listed, is_certain = _look_up(span, refund)
        is_waiting |= not is_listed and not is_certain
        if not is_listed and is_certain:
            found.append(_describe(refund))
    return found, is_waiting


def _read(numbers: list[str]) -> Iterator[Any]:
    for start in range(0, len(numbers), TOGETHER):
        rows = Refund.objects.filter(out_refund_no__in=numbers[start : start + TOGETHER])
        yield from rows.select_related("payment__order").order_by("pk")


def _look_up(span: BillSpan, refund: Any) -> tuple[bool, bool]:
    """Whether a bill from the day before the request to the day after the end has it, and whether all those are here.

    One that was made at the platform may have no number of theirs here: then its amount and payment tell.
    """
    first = _china_day(refund.sent_at or refund.created_at) - timedelta(days=1)
    last = _china_day(refund.finished_at) + timedelta(days=1)
    days = BillDay.objects.filter(
        merchant=span.merchant.key, bill_type=span.bill.bill_type, day__gte=first, day__lte=last
    )
    listed = BillLine.objects.filter(file__in=days.exclude(bill=None).values("bill"))
    # One that failed there is listed, and is another kind of difference.
    same = listed.filter(out_refund_no=refund.out_refund_no)
    if refund.refund_id:
        same |= listed.filter(refund_id=refund.refund_id)
    lines = listed.filter(kind__in=(LineKind.REFUND, LineKind.REVERSAL))
    if refund.source == Refund.Source.PLATFORM or not refund.out_refund_no:
        same |= lines.filter(out_trade_no=refund.payment.out_trade_no, amount=refund.amount)
    # A cancelled barcode payment is listed under the payment's number.
    same |= lines.filter(out_trade_no=refund.payment.out_trade_no, kind=LineKind.REVERSAL)
    # The day that is being compared is whole, whatever its row says yet; the one after it is its neighbour.
    wanted = [first + timedelta(days=number) for number in range((span.day - first).days)]
    is_certain = are_final(span, wanted, dict(days.values_list("day", "state")))
    return same.exists(), is_certain and span.are_neighbours_final


def _china_day(moment: datetime) -> Any:
    return moment.astimezone(CHINA).date()


def _stamp(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


def _describe(refund: Any) -> Found:
    return Found(
        kind=Kind.REFUND_MISSING_THERE,
        number=refund.out_refund_no,
        account_id=refund.payment.account_id,
        order_no=refund.payment.order.order_no,
        field="state",
        ours=refund.state,
        amount=refund.amount,
        currency=refund.currency,
        details={
            "out_trade_no": refund.payment.out_trade_no,
            "refund_id": refund.refund_id,
            "finished_at": _stamp(refund.finished_at),
        },
    )
