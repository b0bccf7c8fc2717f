"""The fees of platforms' bills into the ledger, and from there into the figures of the days that they are of."""

from datetime import UTC, datetime, timedelta

from django.db.models import Max, Min

from scanforpay_django import clock
from scanforpay_django.books.bill_fees import find_accounts, post_next
from scanforpay_django.models import BillFile, BillLine
from scanforpay_django.operations.figures.rebuild import rebuild_days

#: a refund arrives so long after the day on which a bill lists it
ARRIVES = timedelta(days=3)


def post_bills() -> bool:
    """The periodic job: one bill in each call, and of several workers one at a time; whether there may be more."""
    done = post_next()
    if done is None:
        return False
    bill, tally = done
    if tally is not None and tally.has_changed:
        _count_days(bill)
    return True


def _count_days(bill: BillFile) -> None:
    bounds = BillLine.objects.filter(file=bill).aggregate(first=Min("at"), last=Max("at"))
    if bounds["first"] is None:
        return
    last: datetime = min(bounds["last"] + ARRIVES, max(clock.now(), bounds["first"]).astimezone(UTC))
    for store in {account.store for account in find_accounts(bill)}:
        rebuild_days(store, bounds["first"].astimezone(store.zone).date(), last.astimezone(store.zone).date())
