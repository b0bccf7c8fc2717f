"""The same payment or refund in the bills of two days: the difference is of the day on which it did not happen."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from scanforpay_django.books.compare import payments, refunds
from scanforpay_django.books.compare.payments import PaymentCounts, batched
from scanforpay_django.books.compare.values import BillSpan, Found, Kind
from scanforpay_django.models import BillDay, BillLine
from scanforpay_django.wallets.bills.amounts import CHINA

_ONE_DAY = timedelta(days=1)


def find_in_other_days(span: BillSpan, counts: PaymentCounts) -> tuple[list[Found], bool]:
    """What another bill has too; and whether a bill that may have it is still to come."""
    found: list[Found] = []
    is_waiting = False
    for column, rows in _find_candidates(span, counts):
        for lines in batched(rows.iterator(chunk_size=payments.TOGETHER)):
            files, is_final = _read_bills(span, lines)
            is_waiting |= not is_final
            found += _compare(span, lines, _find_days(column, lines, files))
    return found, is_waiting


def _find_candidates(span: BillSpan, counts: PaymentCounts) -> "Iterator[tuple[str, QuerySet[Any]]]":
    """Lines on another day than ours: midnight, as a rule. What both have on one day is never looked for."""
    if counts.shifted:
        shifted = payments.payment_lines(span).filter(payment__id__isnull=False)
        shifted = shifted.filter(~span.within("payment__paid_at"))
        yield "out_trade_no", shifted.select_related("payment__order")
    # Of WeChat Pay's the day of acceptance counts; Alipay's that were finished later are looked for, and not found.
    listed = refunds.refund_lines(span).filter(refund__id__isnull=False)
    later = listed.filter(~(span.within("refund__sent_at") | Q(refund__sent_at=None)))
    yield "out_refund_no", later.select_related("refund__payment__order")


def _find_moment(line: Any) -> datetime | None:
    """When it happened here."""
    moment: datetime | None = line.refund.sent_at if line.out_refund_no else line.payment.paid_at
    return moment


def _read_bills(span: BillSpan, lines: Sequence[Any]) -> tuple[list[int], bool]:
    """The bills that may have these lines too, and whether all of them are here."""
    wanted = {day for line in lines for day in _find_wanted(span, _find_moment(line))} - {span.day}
    rows = BillDay.objects.filter(
        merchant=span.merchant.key, bill_type=span.bill.bill_type, day__in=sorted(wanted)
    )
    states = {row.day: row for row in rows.order_by("day")}
    files = [row.bill_id for row in states.values() if row.bill_id is not None]
    return files, are_final(span, wanted, {day: row.state for day, row in states.items()})


def _find_wanted(span: BillSpan, moment: datetime | None) -> Iterator[date]:
    """The day of the event, and those beside it unless they are beside the bill's own: midnight has two sides."""
    if moment is None:
        return
    day = moment.astimezone(CHINA).date()
    yield day
    if abs((day - span.day).days) > 1:
        yield from (day - _ONE_DAY, day + _ONE_DAY)


def are_final(span: BillSpan, days: Collection[date], states: dict[date, str]) -> bool:
    """Whether nothing more is expected of these days. One without a row may have one soon, if it is not too old."""
    is_old = {day: span.expected_from is None or day < span.expected_from for day in days}
    return all(states[day] in BillDay.FINAL if day in states else is_old[day] for day in days)


def _find_days(column: str, lines: Sequence[Any], files: Sequence[int]) -> dict[str, date]:
    """Number -> the last of the other days that has it."""
    numbers = [getattr(line, column) for line in lines]
    kinds = {line.kind for line in lines}
    others = BillLine.objects.filter(file__in=files, kind__in=kinds, **{f"{column}__in": numbers})
    return dict(others.order_by("file__day").values_list(column, "file__day"))


def _compare(span: BillSpan, lines: Sequence[Any], days: dict[str, date]) -> Iterator[Found]:
    for line in lines:
        day = days.get(line.out_refund_no or line.out_trade_no)
        if day is None:
            continue
        said: dict[str, Any] = {"field": "day", "ours": f"{day}", "theirs": f"{span.day}"}
        if line.out_refund_no:
            yield refunds.make_found(span, Kind.DUPLICATE_LINE, line, line.refund.payment, **said)
        else:
            yield payments.make_found(span, Kind.DUPLICATE_LINE, line, **said)
