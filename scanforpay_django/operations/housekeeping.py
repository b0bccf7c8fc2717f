"""Rows that are of no use any more go, and old answers of merchants' servers are emptied."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q

from scanforpay_django import clock
from scanforpay_django.conf import conf
from scanforpay_django.models import (
    BillFile,
    BillLine,
    ChainWriter,
    NotificationAttempt,
    OAuthState,
    PageVisit,
    SeenRequest,
)
from scanforpay_django.models.database import atomic
from scanforpay_django.operations.chain.gaps import record_erasure

# A sign-in is of no use once its order can no longer be paid; orders live 7 days at most.
SIGN_INS_KEPT = timedelta(days=8)
UNANSWERED_KEPT = timedelta(hours=1)
SIGN_INS_AT_ONCE, ANSWERS_AT_ONCE, REQUESTS_AT_ONCE, VISITS_AT_ONCE = 1000, 5000, 5000, 5000
LINES_AT_ONCE = 10_000


def forget_sign_ins(*, limit: int = SIGN_INS_AT_ONCE) -> bool:
    """Delete old sign-ins, which hold payers' ids, and the ones that came to nothing; whether there may be more."""
    now = clock.now()
    unanswered = Q(payer_id="", created_at__lt=now - UNANSWERED_KEPT)
    old = OAuthState.objects.filter(unanswered | Q(created_at__lt=now - SIGN_INS_KEPT))
    pks = list(old.values_list("pk", flat=True)[:limit])
    OAuthState.objects.filter(pk__in=pks).delete()
    return len(pks) >= limit


def forget_requests(*, limit: int = REQUESTS_AT_ONCE) -> bool:
    """Delete the digests of requests whose time is past; whether there may be more."""
    outdated = SeenRequest.objects.outdated(conf.request_window_seconds)
    pks = list(outdated.values_list("pk", flat=True)[:limit])
    SeenRequest.objects.filter(pk__in=pks).delete()
    return len(pks) >= limit


def forget_visits(*, limit: int = VISITS_AT_ONCE) -> bool:
    """Delete where pay pages were opened long ago; whether there may be more.

    Rows are written in the order of their keys, so that the oldest are found without an index of their own.
    """
    before = clock.now() - timedelta(days=conf.notify_answers_kept_days)
    oldest = PageVisit.objects.order_by("pk").values_list("pk", "opened_at")[:limit]
    pks = [pk for pk, opened_at in oldest if opened_at < before]
    PageVisit.objects.filter(pk__in=pks).delete()
    return len(pks) >= limit


def forget_bill_lines(*, limit: int = LINES_AT_ONCE) -> bool:
    """Delete lines of bills that were read long ago; whether there may be more. Their files stay, and
    ``books.read_bill.read_again`` brings the lines back.
    """
    if not conf.bill_lines_days:
        return False
    before = clock.now() - timedelta(days=conf.bill_lines_days)
    bill = BillFile.objects.with_old_lines(before).order_by("pk").first()
    if bill is None:
        return False
    pks = list(bill.lines.order_by("pk").values_list("pk", flat=True)[:limit])
    with atomic():
        # A bill that is read anew meanwhile keeps what it has.
        if BillFile.objects.with_old_lines(before).select_for_update().filter(pk=bill.pk).exists():
            BillLine.objects.filter(pk__in=pks).delete()
    return True


@dataclass
class AnswersPruner:
    """Empties what merchants answered long ago; the tries themselves stay."""

    # tries are written in the order of their keys: what is behind this one is done
    done_up_to: int = 0

    def __call__(self, *, limit: int = ANSWERS_AT_ONCE) -> bool:
        """One round; whether there may be more."""
        before = clock.now() - timedelta(days=conf.notify_answers_kept_days)
        old = NotificationAttempt.objects.filter(pk__gt=self.done_up_to, started_at__lt=before)
        pks = list(old.exclude(answer="").order_by("pk").values_list("pk", flat=True)[:limit])
        if pks:
            ChainWriter.objects.begin()
            with atomic():
                NotificationAttempt.objects.filter(pk__in=pks).update(answer="")
                record_erasure(NotificationAttempt, "answer", pks, "old answers")
            self.done_up_to = pks[-1]
        return len(pks) >= limit


prune_answers = AnswersPruner()
