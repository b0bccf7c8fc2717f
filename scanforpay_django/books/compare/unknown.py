"""Lines of payments that are not here: ours that were lost, or orders of other systems on the same merchant number."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Length

from scanforpay_django.books.compare.payments import PaymentCounts, describe_line
from scanforpay_django.books.compare.values import BillSpan, Found, Kind, LineKind, Totals
from scanforpay_django.models import ArchivedNumber, BillLine
from scanforpay_django.models.derived_numbers import LENGTH, is_derived, read_reference
from scanforpay_django.wallets.registry import find_wallet_class

KINDS = (Kind.UNKNOWN_ORDER,)
#: our references begin with their version
_REFERENCE = "1|"


def compare_unknown(span: BillSpan) -> Iterator[Found]:
    """Payments that were made here and are not here, and with ``owns_merchant_number`` all others too."""
    for line in _candidates(span).order_by("pk").iterator(chunk_size=2000):
        reference = read_reference(line.reference) if line.reference else None
        if reference is None and not (span.merchant.is_owned or _has_our_form(span, line)):
            continue
        yield Found(
            kind=Kind.UNKNOWN_ORDER,
            number=line.out_trade_no or line.trade_no,
            account_id=span.merchant.account.pk,
            order_no=reference[3] if reference else "",
            field="order",
            theirs=line.word,
            amount=line.amount,
            currency=line.currency,
            details=describe_line(line) | _describe_reference(reference),
        )


def _describe_reference(reference: tuple[str, str, str, str] | None) -> dict[str, str]:
    if reference is None:
        return {}
    partner_no, store_no, partner_order_no, order_no = reference
    return {
        "partner_no": partner_no,
        "store_no": store_no,
        "partner_order_no": partner_order_no,
        "order_no": order_no,
    }


def _has_our_form(span: BillSpan, line: BillLine) -> bool:
    """For bills that show no reference of ours."""
    backend = find_wallet_class(span.merchant.wallet)
    is_shown = backend is not None and backend.bill_has_reference
    return not is_shown and is_derived(line.out_trade_no)


def _unknown_lines(span: BillSpan) -> "QuerySet[Any]":
    """Payments without a row here, archived ones left out."""
    rows: QuerySet[Any] = BillLine.objects.filter(
        file=span.bill, kind=LineKind.PAYMENT, payment__id__isnull=True
    )
    partners = {account.store.partner_id for account in span.merchant.accounts}
    archived = ArchivedNumber.objects.filter(partner__in=partners, kind=ArchivedNumber.Kind.PAYMENT)
    if not archived.exists():
        return rows
    return rows.filter(~Exists(archived.filter(number=OuterRef("out_trade_no"))))


def _candidates(span: BillSpan) -> "QuerySet[Any]":
    """Of millions of other systems' lines those that may be ours: that is looked at in Python."""
    rows: QuerySet[Any] = _unknown_lines(span)
    if span.merchant.is_owned:
        return rows
    has_form = Q(number_length=LENGTH)
    with_length: QuerySet[Any] = rows.annotate(number_length=Length("out_trade_no"))
    return with_length.filter(Q(reference__begins_with=_REFERENCE) | has_form)


def sum_foreign(span: BillSpan, counts: PaymentCounts) -> Totals:
    """What other systems collected and refunded on this merchant number."""
    totals: Totals = {}
    payments = _unknown_lines(span).order_by().values("currency").annotate(n=Count("pk"), total=Sum("amount"))
    # Where all are ours the database would look for a million payments a second time.
    for row in payments if counts.matched < counts.lines else ():
        _row(totals, row["currency"]).update(payments=row["n"], paid=int(row["total"]))
    refunds = BillLine.objects.filter(
        file=span.bill, kind=LineKind.REFUND, refund__id__isnull=True, payment__id__isnull=True
    )
    for row in refunds.order_by().values("currency").annotate(n=Count("pk"), total=Sum("amount")):
        _row(totals, row["currency"]).update(refunds=row["n"], refunded=int(row["total"]))
    return totals


def sum_lines(span: BillSpan) -> Totals:
    """What the bill has in all."""
    totals: Totals = {}
    lines = BillLine.objects.filter(file=span.bill, kind__in=(LineKind.PAYMENT, LineKind.REFUND)).order_by()
    for row in lines.values("kind", "currency").annotate(n=Count("pk"), total=Sum("amount")):
        count, total = row["n"], int(row["total"])
        is_payment = row["kind"] == LineKind.PAYMENT
        said = {"payments": count, "paid": total} if is_payment else {"refunds": count, "refunded": total}
        _row(totals, row["currency"]).update(said)
    return totals


def _row(totals: Totals, currency: str) -> dict[str, int]:
    return totals.setdefault(currency, {"payments": 0, "paid": 0, "refunds": 0, "refunded": 0})
