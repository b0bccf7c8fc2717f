"""A recovery begins with a mark: from then on nothing is paid or refunded before its platforms were asked."""

from datetime import datetime, timedelta

from scanforpay_django import clock
from scanforpay_django.exceptions import ScanForPayError
from scanforpay_django.models import RestoreMark
from scanforpay_django.operations.chain.segments import begin_segment

#: a copy that is older is a mistake in the time, or a restore that no bill can mend: platforms keep them three months
LONGEST_LOST = timedelta(days=90)


class RecoveryRefused(ScanForPayError):
    """The recovery cannot begin, with what to do."""


def begin_recovery(backup_from: datetime, *, last_root: str = "") -> tuple[RestoreMark, bool]:
    """The mark of the recovery that is under way, or a new one; and whether it is new. Raises RecoveryRefused, and
    NotARoot for a ``last_root`` that the chain's new segment cannot cite.
    """
    now = clock.now()
    if backup_from > now:
        raise RecoveryRefused("the copy cannot be from the future: give the time at which it was made")
    if now - backup_from > LONGEST_LOST:
        raise RecoveryRefused(
            f"the copy is more than {LONGEST_LOST.days} days old: no platform has bills of all days since"
        )
    mark = RestoreMark.objects.under_way()
    if mark is None:
        # Before the mark: where the root is refused, nothing has begun.
        begin_segment("recovery", last_root)
        return RestoreMark.objects.create(at=now, backup_from=backup_from), True
    if mark.backup_from != backup_from:
        raise RecoveryRefused(
            f"a recovery from a copy of {mark.backup_from} is under way: repeat that time to go on with it, or end it "
            "with --end"
        )
    return mark, False


def end_recovery(mark: RestoreMark) -> bool:
    """No order may be missing any more, or a person says so. False: another process has ended it. Marks before it end
    with it: two commands may have begun at once.
    """
    return bool(RestoreMark.objects.unended().filter(at__lte=mark.at).update(ended_at=clock.now()))
