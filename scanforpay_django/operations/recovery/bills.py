"""The bills of the time that is lost bring back the rest: payments that nothing else tells of, and refunds."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ImproperlyConfigured
from django.db import InterfaceError, OperationalError

from scanforpay_django import clock
from scanforpay_django.books.bill_merchants import BillMerchant, find_merchants
from scanforpay_django.books.bill_schedule import find_days_of_loss, find_first_step
from scanforpay_django.books.difference_acts import ACTS, compare_day_again
from scanforpay_django.exceptions import ScanForPayError
from scanforpay_django.models import BillDay, Difference, RestoreMark
from scanforpay_django.models.cause import BY_SWEEP
from scanforpay_django.operations.recovery.begin import end_recovery

logger = logging.getLogger(__name__)

Kind = Difference.Kind
#: what comes back by itself, in this sequence: a refund needs its payment. None of these acts moves money
BROUGHT_BACK = (
    Kind.UNKNOWN_ORDER,
    Kind.PAID_THERE_OPEN_HERE,
    Kind.PAID_THERE_CLOSED_HERE,
    Kind.REFUND_UNKNOWN,
)
#: a refund is found when its payment is there, so a day is compared again so often
ROUNDS = 3


@dataclass(frozen=True, kw_only=True)
class LostDay:
    """A day of a merchant number, within the time that is lost."""

    merchant: BillMerchant
    day: date
    # None while nothing was made for it
    row: BillDay | None

    @property
    def is_over(self) -> bool:
        """Whether its bill tells of no more orders: it was compared, or will never come, which is a difference."""
        return self.row is not None and self.row.is_final()

    @property
    def is_fetched(self) -> bool:
        """Whether a bill comes by itself."""
        kind = self.merchant.compared_type
        return kind is not None and kind.is_fetched


def find_lost_days(mark: RestoreMark) -> list[LostDay]:
    """Each merchant number's days from the copy to the restore, by the platforms' calendar."""
    days = find_days_of_loss(mark)
    rows = {(row.merchant, row.bill_type, row.day): row for row in BillDay.objects.filter(day__in=days)}
    found = []
    for merchant in find_merchants():
        if not any(account.is_active for account in merchant.accounts):
            continue
        kind = merchant.compared_type.name if merchant.compared_type else ""
        for day in days:
            found.append(LostDay(merchant=merchant, day=day, row=rows.get((merchant.key, kind, day))))
    return found


def find_waiting(mark: RestoreMark) -> list[LostDay]:
    """Days whose bills come by themselves and have not been compared."""
    return [one for one in find_lost_days(mark) if one.is_fetched and not one.is_over]


def find_bill_time(mark: RestoreMark) -> datetime:
    """Before this moment the bills of the last hours before the restore are not even asked for."""
    moments = [
        find_first_step(one.merchant, one.merchant.compared_type, one.day)
        for one in find_lost_days(mark)
        if one.merchant.compared_type is not None and one.is_fetched
    ]
    return max(moments, default=mark.at)


def bring_back_due() -> None:
    """The periodic job: bring back what compared bills show, and end when all of them were compared."""
    mark = RestoreMark.objects.under_way()
    if mark is not None:
        bring_back(mark)


def bring_back(mark: RestoreMark) -> int:
    """How many differences were worked on. Ends the recovery when no bill is to come that could tell of more."""
    days = find_lost_days(mark)
    done = 0
    for _round in range(ROUNDS):
        differences = _open_differences(days)
        if not differences:
            break
        worked = _carry_out_all(differences)
        done += worked
        if not worked:
            break
    if clock.now() >= find_bill_time(mark) and not find_waiting(mark):
        end_recovery(mark)
    return done


def _open_differences(days: Iterable[LostDay]) -> list[Difference]:
    rows = [one.row.pk for one in days if one.row is not None]
    found = Difference.objects.open().filter(day__in=rows, kind__in=BROUGHT_BACK)
    return sorted(found, key=lambda one: (BROUGHT_BACK.index(Kind(one.kind)), one.pk))


def _carry_out_all(differences: Iterable[Difference]) -> int:
    """One that fails stays open for staff, and keeps no other back."""
    worked, days = 0, {}
    for difference in differences:
        try:
            ACTS[difference.kind].do(difference, BY_SWEEP)
        except (ScanForPayError, ImproperlyConfigured) as error:
            logger.warning("%s %s is not brought back: %s", difference.kind, difference.number, error)
            continue
        except (OperationalError, InterfaceError):
            # The database is away: the next turn finds everything as it is.
            raise
        except Exception:
            logger.exception("%s %s could not be brought back", difference.kind, difference.number)
            continue
        worked += 1
        days[difference.day_id] = difference
    for difference in days.values():
        compare_day_again(difference)
    return worked
