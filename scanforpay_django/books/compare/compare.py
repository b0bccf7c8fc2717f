"""One bill against the books: all that is different, and the day's sums."""

from scanforpay_django.books.compare import (
    fees,
    files,
    missing,
    notified,
    other_days,
    payments,
    refunds,
    unknown,
)
from scanforpay_django.books.compare.values import BillSpan, Comparison, Kind


def compare_bill(span: BillSpan) -> Comparison:
    """Reads, and writes nothing. A bill that is not whole is compared too: what is in it is right or wrong, and nothing
    is said to be missing.
    """
    comparison = Comparison()
    # It is here: that it was late is over.
    comparison.add(list(files.compare_file(span)), *files.KINDS, Kind.BILL_LATE)
    if span.bill.bill_type != _compared_name(span):
        comparison.add(list(files.compare_balance(span)), Kind.BALANCE)
        return comparison
    counts = payments.count_payments(span)
    found = [*payments.compare_payments(span, counts), *refunds.compare_refunds(span)]
    comparison.add(found, *payments.KINDS, *refunds.KINDS)
    twice, is_waiting = other_days.find_in_other_days(span, counts)
    comparison.add(twice)
    comparison.add([*fees.compare_fees(span), *fees.compare_discounts(span)], *fees.KINDS)
    comparison.add(list(notified.compare_notified(span)), *notified.KINDS)
    if counts.matched < counts.lines:
        comparison.add(list(unknown.compare_unknown(span)))
    comparison.judged |= set(unknown.KINDS)
    comparison.totals, comparison.foreign = unknown.sum_lines(span), unknown.sum_foreign(span, counts)
    comparison.is_waiting = is_waiting or (counts.shifted > 0 and not span.are_neighbours_final)
    if span.is_whole:
        _compare_missing(span, counts, comparison)
    return comparison


def _compared_name(span: BillSpan) -> str:
    kind = span.merchant.compared_type
    return kind.name if kind else ""


def _compare_missing(span: BillSpan, counts: payments.PaymentCounts, comparison: Comparison) -> None:
    """Only when the days before and after are here: one platform's midnight is another's."""
    rows = missing.find_missing_payments(span, counts)
    refunded, is_waiting = missing.find_missing_refunds(span)
    if not span.are_neighbours_final and (rows or is_waiting):
        comparison.is_waiting = True
        return
    comparison.is_waiting |= is_waiting
    comparison.add([*(missing.describe_missing(row) for row in rows), *refunded], *missing.KINDS)
