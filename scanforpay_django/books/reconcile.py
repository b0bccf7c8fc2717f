"""A day of a merchant number: its bill is read and compared with what is here."""

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Any

from scanforpay_django import clock
from scanforpay_django.books.bill_merchants import BillMerchant, find_merchant
from scanforpay_django.books.compare.compare import compare_bill
from scanforpay_django.books.compare.values import BillSpan, Comparison
from scanforpay_django.books.follow import catch_up
from scanforpay_django.books.record_differences import record_comparison
from scanforpay_django.exceptions import ScanForPayError
from scanforpay_django.models import BillDay, BillFile, Difference
from scanforpay_django.models.database import atomic
from scanforpay_django.models.difference import NO_LONGER_THERE
from scanforpay_django.wallets.bills.amounts import CHINA

logger = logging.getLogger(__name__)

#: days that are made for their bills by themselves, counted back from yesterday
BACK_FILLED_DAYS = 7
#: something of a neighbouring day is missing: look again after this time
WAIT_FOR_NEIGHBOURS = timedelta(hours=6)
#: a difference may have gone: days with open ones are compared again
COMPARE_AGAIN = timedelta(hours=6)
#: a day that agrees is compared once more: a notification is given up after 84 hours and a fifth more, a refund may be
#: under way for three days
SETTLED_AFTER = timedelta(days=5)
#: after so many days an open difference changes by acts alone
WATCHED_DAYS = 31


class DayIsBusy(ScanForPayError):
    """Another process fetches or compares the day."""


def get_day(merchant: BillMerchant, bill_type: str, day: date) -> BillDay:
    """The day's row, made when it is not there."""
    row, _made = BillDay.objects.get_or_create(
        merchant=merchant.key,
        bill_type=bill_type,
        day=day,
        defaults={"account": merchant.account, "number": merchant.number},
    )
    return row


@contextmanager
def holding(day: BillDay) -> Iterator[str]:
    """Have a day for oneself; the token that says so. Raises DayIsBusy."""
    token = secrets.token_hex(16)
    if not BillDay.objects.claim(day.pk, token):
        raise DayIsBusy(f"the bill of {day} is being compared")
    try:
        yield token
    finally:
        BillDay.objects.held(day.pk, token).update(lease_until=None, lease_token="")


def compare_file(merchant: BillMerchant, bill: BillFile) -> list[BillDay]:
    """Compare a bill that was read, and the neighbours that waited for it. The days, the bill's own first."""
    days = [compare_again(merchant, get_day(merchant, bill.bill_type, bill.day))]
    if bill.last_day > bill.day and days[0].bill_id == bill.pk:
        _cover_days(days[0], bill)
    for neighbour in _find_days(days[0], _days_beside(bill)).filter(is_waiting_for_neighbours=True):
        try:
            days.append(compare_again(merchant, neighbour))
        except DayIsBusy:
            # Whichever process has it reads what is here now, or the next round does.
            continue
    return days


def _cover_days(first: BillDay, bill: BillFile) -> None:
    """A file of several days is compared as one, under its first: none is expected of the others any more."""
    others = BillDay.objects.filter(
        merchant=first.merchant,
        bill_type=first.bill_type,
        day__gt=bill.day,
        day__lte=bill.last_day,
        compared_at=None,
    )
    pks = list(others.values_list("pk", flat=True))
    with atomic():
        others.filter(pk__in=pks).update(
            state=first.state, bill=bill, compared_at=clock.now(), next_at=None, error=""
        )
        missing = Difference.objects.open().filter(day__in=pks, kind=Difference.Kind.BILL_LATE)
        missing.update(closed_at=clock.now(), reason=NO_LONGER_THERE)


def compare_again(merchant: BillMerchant, day: BillDay) -> BillDay:
    """Compare what is here of a day. Called outside a transaction. Raises DayIsBusy."""
    with holding(day) as token:
        compare_held(merchant, day, token)
    day.refresh_from_db()
    return day


def compare_held(merchant: BillMerchant, day: BillDay, token: str) -> None:
    """The same for the process that holds the day: all payments are posted first, for they are found by the ledger."""
    bill = find_bill(merchant, day)
    if bill is None or merchant.compared_type is None:
        # It is not here, or its wallet is no longer installed: what was found stays.
        return
    # Its neighbours look for refunds in it, while it is compared too.
    BillDay.objects.held(day.pk, token).update(bill=bill)
    catch_up()
    span = make_span(merchant, day, bill)
    _write(day, token, bill, compare_bill(span))


def find_bill(merchant: BillMerchant, day: BillDay) -> BillFile | None:
    """What counts of a day: of the number's accounts, whichever fetched it. One that was read before one that is not
    whole; None while there is neither.
    """
    states = (BillFile.State.READ, BillFile.State.BROKEN, BillFile.State.NONE)
    versions = BillFile.objects.current().filter(
        account__in=merchant.account_ids, bill_type=day.bill_type, day=day.day, state__in=states
    )
    whole = versions.exclude(state=BillFile.State.BROKEN)
    # With lines before "no bill": a platform that is late says so first.
    return whole.order_by("line_count", "pk").last() or versions.order_by("pk").last()


def make_span(merchant: BillMerchant, day: BillDay, bill: BillFile) -> BillSpan:
    """The bill with the bills beside it."""
    beside = _days_beside(bill)
    neighbours = list(_find_days(day, beside).select_related("bill"))
    found = [row.bill for row in neighbours if row.bill is not None]
    return BillSpan(
        merchant=merchant,
        bill=bill,
        neighbours=tuple(one for one in found if one.state != BillFile.State.NONE),
        are_neighbours_final=_are_final(
            merchant, bill, dict.fromkeys(beside) | {row.day: row for row in neighbours}
        ),
        expected_from=max(_first_day(merchant), _china_today() - timedelta(days=BACK_FILLED_DAYS + 1)),
        now=clock.now(),
    )


def _days_beside(bill: BillFile) -> tuple[date, date]:
    return bill.day - timedelta(days=1), bill.last_day + timedelta(days=1)


def _find_days(day: BillDay, wanted: tuple[date, ...]) -> Any:
    return BillDay.objects.filter(merchant=day.merchant, bill_type=day.bill_type, day__in=wanted)


def _are_final(merchant: BillMerchant, bill: BillFile, rows: dict[date, BillDay | None]) -> bool:
    """A neighbour that is not there never comes when it is of before our time, or was not back-filled."""
    is_old = bill.day < _china_today() - timedelta(days=BACK_FILLED_DAYS + 1)
    first = _first_day(merchant)
    for day, row in rows.items():
        if row is not None and not row.is_final():
            return False
        if row is None and day >= first and not is_old:
            return False
    return True


def _first_day(merchant: BillMerchant) -> date:
    return min(account.created_at for account in merchant.accounts).astimezone(CHINA).date()


def _china_today() -> date:
    return clock.now().astimezone(CHINA).date()


def _write(day: BillDay, token: str, bill: BillFile, comparison: Comparison) -> None:
    state = {
        BillFile.State.NONE: BillDay.State.NONE,
        BillFile.State.BROKEN: BillDay.State.BROKEN,
    }.get(BillFile.State(bill.state), BillDay.State.COMPARED)
    now = clock.now()
    with atomic():
        # The condition and the lock at once: a process that was paused too long writes nothing.
        held = BillDay.objects.held(day.pk, token)
        written = held.update(
            state=state,
            bill=bill,
            compared_at=now,
            totals=comparison.totals,
            foreign_totals=comparison.foreign,
            is_waiting_for_neighbours=comparison.is_waiting,
            error="",
        )
        if not written:
            logger.warning("the bill of %s was compared by another process meanwhile", day)
            return
        record_comparison(day, comparison)
        held.update(next_at=_find_next(day, bill, comparison))


def _find_next(day: BillDay, bill: BillFile, comparison: Comparison) -> Any:
    """When to compare again; None when nothing is to be expected."""
    now = clock.now()
    if now.astimezone(CHINA).date() - day.day > timedelta(days=WATCHED_DAYS):
        return None
    if comparison.is_waiting:
        return now + WAIT_FOR_NEIGHBOURS
    if day.differences.open().exists():
        return now + COMPARE_AGAIN
    settled_at = datetime.combine(bill.last_day + timedelta(days=1), time(), CHINA) + SETTLED_AFTER
    return settled_at if now < settled_at else None


def reconcile_file(bill: BillFile) -> list[BillDay]:
    """A bill that was just read by hand. The days that were compared."""
    return compare_file(find_merchant(bill.account), bill)


def schedule_file(bill: BillFile) -> None:
    """A bill that was just read, and is too large to wait for: the worker compares it."""
    day = get_day(find_merchant(bill.account), bill.bill_type, bill.day)
    BillDay.objects.filter(pk=day.pk).update(next_at=clock.now())
