"""When bills are fetched: each merchant number's once a day, five minutes after its platform says that it is ready,
and every half hour until it is there. The wallets' bill types say when that is, with the sources.
"""

import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError

from scanforpay_django import clock
from scanforpay_django.books.bill_merchants import BillMerchant, find_merchants
from scanforpay_django.books.compare.values import Comparison, Found, Kind
from scanforpay_django.books.fetch_bill import fetch_bill
from scanforpay_django.books.follow import catch_up
from scanforpay_django.books.reconcile import (
    BACK_FILLED_DAYS,
    WATCHED_DAYS,
    DayIsBusy,
    compare_file,
    find_bill,
    holding,
)
from scanforpay_django.books.record_differences import record_comparison
from scanforpay_django.conf import conf
from scanforpay_django.exceptions import BillNotReady, ScanForPayError
from scanforpay_django.models import BillDay, BillFile, Posting, RestoreMark
from scanforpay_django.models.database import atomic
from scanforpay_django.wallets.bills.amounts import CHINA
from scanforpay_django.wallets.bills.bill_type import BillType

logger = logging.getLogger(__name__)

#: after the moment at which a platform says that bills are ready
MARGIN = timedelta(minutes=5)
#: merchant numbers do not all ask at the same second
MAX_JITTER = timedelta(minutes=10)
ASK_AGAIN = timedelta(minutes=30)
#: of the day after: then it is late, and asked for every three hours
LATE_FROM = time(20, 0)
ASK_LATE = timedelta(hours=3)
#: before a platform deletes a bill staff are warned
WARNED_BEFORE = timedelta(days=10)
#: a file that only staff can bring is missed from here on
UPLOAD_DAYS = 5
#: days of one run of the job
MAX_AT_ONCE = 20


@dataclass(frozen=True, kw_only=True)
class _Plan:
    merchant: BillMerchant
    kind: BillType


def reconcile_due() -> bool:
    """The periodic job: make the days that should have bills, and take the steps that are due. Whether there is more to
    be done. Nothing happens while SCANFORPAY_BILL_STORAGE is not set.
    """
    if not conf.bill_storage_is_set:
        return False
    plans = _find_plans()
    for plan in plans.values():
        _make_days(plan)
    days = list(BillDay.objects.due(clock.now()).select_related("account__store")[:MAX_AT_ONCE])
    if days:
        # What was paid on a day is read from the ledger.
        catch_up()
    for day in days:
        _take_step(day, plans.get((day.merchant, day.bill_type)))
    return len(days) == MAX_AT_ONCE


def _find_plans() -> dict[tuple[str, str], _Plan]:
    found = {}
    for merchant in find_merchants():
        for kind in _find_kinds(merchant):
            found[merchant.key, kind.name] = _Plan(merchant=merchant, kind=kind)
    return found


def _find_kinds(merchant: BillMerchant) -> Iterable[BillType]:
    """The kind that is compared; with SCANFORPAY_FUND_BILLS the bills of all movements too."""
    first = merchant.compared_type
    others = merchant.bill_types.values() if conf.fund_bills else ()
    return [kind for kind in merchant.bill_types.values() if kind is first or kind in others]


def _make_days(plan: _Plan) -> None:
    """Yesterday and the days before it, as far back as gaps are filled and the number was used here; and the days that
    a recovery waits for, also where the account was made again after the restore.
    """
    merchant, today = plan.merchant, _china_today()
    if not any(account.is_active for account in merchant.accounts):
        return
    first = min(account.created_at for account in merchant.accounts).astimezone(CHINA).date()
    wanted = {today - timedelta(days=back) for back in range(1, BACK_FILLED_DAYS + 1)}
    wanted = {day for day in wanted if day >= first}
    mark = RestoreMark.objects.under_way()
    if mark is not None:
        wanted |= {day for day in find_days_of_loss(mark) if day < today}
    same = BillDay.objects.filter(merchant=merchant.key, bill_type=plan.kind.name, day__in=wanted)
    missing = sorted(wanted - set(same.values_list("day", flat=True)))
    rows = [
        BillDay(
            merchant=merchant.key,
            number=merchant.number,
            account=merchant.account,
            bill_type=plan.kind.name,
            day=day,
            next_at=find_first_step(merchant, plan.kind, day),
        )
        for day in missing
    ]
    BillDay.objects.bulk_create(rows, ignore_conflicts=True)


def find_days_of_loss(mark: RestoreMark) -> list[date]:
    """From the copy to the restore, by the platforms' calendar."""
    first, last = ((moment or mark.at).astimezone(CHINA).date() for moment in (mark.backup_from, mark.at))
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def find_first_step(merchant: BillMerchant, kind: BillType, day: date) -> datetime:
    """When a bill is first asked for, or missed where staff bring it."""
    if not kind.is_fetched:
        return datetime.combine(day + timedelta(days=UPLOAD_DAYS), kind.ready_at, CHINA)
    spread = int.from_bytes(hashlib.sha256(merchant.key.encode()).digest()[:4])
    jitter = timedelta(seconds=spread % int(MAX_JITTER.total_seconds()))
    return datetime.combine(day + timedelta(days=1), kind.ready_at, CHINA) + MARGIN + jitter


def _china_today() -> date:
    return clock.now().astimezone(CHINA).date()


def _take_step(day: BillDay, plan: _Plan | None) -> None:
    """Whatever goes wrong is written down with the day, and the next day's turn comes."""
    if plan is None:
        # Its accounts or its wallet are gone, or do not read now: what is there stays.
        _postpone(day, "no account that can be read has this merchant number and kind of bill")
        return
    try:
        with holding(day) as token:
            bill = _fetch(day, plan, token)
        if bill is not None:
            compare_file(plan.merchant, bill)
    except DayIsBusy:
        return
    except OperationalError:
        # The database is away, or busy: the next round finds everything as it is.
        raise
    except Exception as error:
        logger.exception("the bill of %s could not be compared", day)
        _put_off(day, plan, f"{type(error).__name__}: {error}")


def _fetch(day: BillDay, plan: _Plan, token: str) -> BillFile | None:
    """The bill, which may be here already; None where there is none yet."""
    if day.compared_at is not None and day.is_final():
        return day.bill
    found = find_bill(plan.merchant, day)
    is_new = found is not None and (day.compared_at is None or found.pk != day.bill_id)
    if found is not None and (not plan.kind.is_fetched or (is_new and found.state == BillFile.State.READ)):
        # Staff have brought it, or the process that fetched it has died.
        return found
    if not plan.kind.is_fetched:
        _miss(day, plan, "")
        return None
    BillDay.objects.held(day.pk, token).update(asked_at=clock.now(), ask_count=day.ask_count + 1)
    day.refresh_from_db()
    try:
        bill = fetch_bill(plan.merchant.account, plan.kind.name, day.day)
    except BillNotReady:
        _put_off(day, plan, "")
        return None
    except (ScanForPayError, ImproperlyConfigured, OSError) as error:
        _put_off(day, plan, str(error))
        return None
    if bill.state == BillFile.State.NONE and _may_still_come(day, plan):
        _put_off(day, plan, "")
        return None
    return bill


def _may_still_come(day: BillDay, plan: _Plan) -> bool:
    """ "No bill" on a day with payments of ours is believed in the evening."""
    if clock.now() >= _late_from(day) or plan.kind is not plan.merchant.compared_type:
        return False
    begin = datetime.combine(day.day, time(), CHINA)
    posted = Posting.objects.filter(
        account__in=plan.merchant.account_ids,
        effective_at__gte=begin,
        effective_at__lt=begin + timedelta(days=1),
        kind=Posting.Kind.COLLECTED,
    )
    return posted.exists()


def _late_from(day: BillDay) -> datetime:
    return datetime.combine(day.day + timedelta(days=1), LATE_FROM, CHINA)


def _gone_at(day: BillDay, plan: _Plan) -> datetime | None:
    if plan.kind.kept_days is None:
        return None
    return datetime.combine(day.day + timedelta(days=plan.kind.kept_days), time(), CHINA)


def _put_off(day: BillDay, plan: _Plan, error: str) -> None:
    """Ask again: every half hour until the evening, then it is late."""
    now, gone_at = clock.now(), _gone_at(day, plan)
    if day.compared_at is not None:
        _postpone(day, error)
    elif gone_at is not None and now >= gone_at:
        _record_missing(day, BillDay.State.GONE, None, error, "the platform keeps it no longer")
    elif now >= _late_from(day):
        _miss(day, plan, error)
    else:
        BillDay.objects.filter(pk=day.pk, compared_at=None).update(next_at=now + ASK_AGAIN, error=error[:200])


def _postpone(day: BillDay, error: str) -> None:
    """What is known of the day stays; it is looked at again as long as days are watched."""
    now = clock.now()
    is_old = _china_today() - day.day > timedelta(days=WATCHED_DAYS)
    # Unless another process has given it its next step meanwhile.
    due = BillDay.objects.filter(pk=day.pk, next_at__lte=now)
    due.update(next_at=None if is_old else now + ASK_LATE, error=error[:200])


def _miss(day: BillDay, plan: _Plan, error: str) -> None:
    """It is a difference until it is there; near the end of what the platform keeps it says until when."""
    now, gone_at = clock.now(), _gone_at(day, plan)
    is_urgent = gone_at is not None and now >= gone_at - WARNED_BEFORE
    note = f"gone from {gone_at.date()} on" if is_urgent and gone_at else ""
    again = now + (ASK_LATE if plan.kind.is_fetched else timedelta(days=1))
    if not plan.kind.is_fetched and not _may_have_lines(day, plan):
        # Nothing was paid: a settlement file of the day may never be made, and the days beside it do not wait for it.
        waiting = BillDay.objects.filter(pk=day.pk, compared_at=None)
        waiting.update(state=BillDay.State.NONE, next_at=None)
        return
    _record_missing(day, BillDay.State.LATE, again, error, note)


def _may_have_lines(day: BillDay, plan: _Plan) -> bool:
    begin = datetime.combine(day.day, time(), CHINA)
    return Posting.objects.filter(
        account__in=plan.merchant.account_ids,
        effective_at__gte=begin,
        effective_at__lt=begin + timedelta(days=1),
    ).exists()


def _record_missing(day: BillDay, state: str, next_at: datetime | None, error: str, note: str) -> None:
    found = Found(
        kind=Kind.BILL_LATE,
        number="bill",
        account_id=day.account_id,
        field="bill",
        # Not the error, which may say something else each time: it is with the day.
        ours=note,
    )
    with atomic():
        waiting = BillDay.objects.filter(pk=day.pk, compared_at=None)
        if waiting.update(state=state, next_at=next_at, error=error[:200]):
            record_comparison(day, Comparison(found=[found], judged={Kind.BILL_LATE}))
