"""What has to be done from time to time, whoever keeps the time: the worker, the demo, Celery's beat."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from scanforpay_django.conf import conf
from scanforpay_django.flows.poll_platforms import poll_platforms
from scanforpay_django.models import NotificationAttempt, OAuthState
from scanforpay_django.operations.alarms import mail_partners

# A sign-in is of no use once its order can no longer be paid; orders live 7 days at most.
SIGN_INS_KEPT = timedelta(days=8)
UNANSWERED_KEPT = timedelta(hours=1)
SIGN_INS_AT_ONCE, ANSWERS_AT_ONCE = 1000, 5000


def forget_sign_ins(*, limit: int = SIGN_INS_AT_ONCE) -> int:
    """Delete old sign-ins, which hold payers' ids, and the ones that came to nothing; how many went."""
    now = timezone.now()
    unanswered = Q(payer_id="", created_at__lt=now - UNANSWERED_KEPT)
    old = OAuthState.objects.filter(unanswered | Q(created_at__lt=now - SIGN_INS_KEPT))
    return OAuthState.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:limit])).delete()[0]


@dataclass
class AnswersPruner:
    """Empties what merchants answered long ago; the tries themselves stay."""

    # tries are written in the order of their keys: what is behind this one is done
    done_up_to: int = 0

    def __call__(self, *, limit: int = ANSWERS_AT_ONCE) -> int:
        """One round; how many were emptied."""
        before = timezone.now() - timedelta(days=conf.notify_answers_kept_days)
        old = NotificationAttempt.objects.filter(pk__gt=self.done_up_to, started_at__lt=before)
        pks = list(old.exclude(answer="").order_by("pk").values_list("pk", flat=True)[:limit])
        if pks:
            NotificationAttempt.objects.filter(pk__in=pks).update(answer="")
            self.done_up_to = pks[-1]
        return len(pks)


prune_answers = AnswersPruner()


@dataclass
class Paced:
    """A job that does nothing until its time has come again."""

    work: Callable[[], object]
    every_seconds: float
    # what ``work`` returns while there is more to be done: then its next turn is the next round
    full_round: float = float("inf")
    _due: float = 0.0

    def __call__(self) -> None:
        """Work, at most once in ``every_seconds`` per process unless there is more to be done."""
        if time.monotonic() >= self._due:
            self._due = time.monotonic() + self.every_seconds
            done = self.work()
            if isinstance(done, int) and done >= self.full_round:
                self._due = 0.0


#: each returns at once when nothing is to be done
PERIODIC_JOBS: tuple[Callable[[], object], ...] = (
    poll_platforms,
    Paced(mail_partners, 10),
    Paced(forget_sign_ins, 3600, SIGN_INS_AT_ONCE),
    Paced(prune_answers, 3600, ANSWERS_AT_ONCE),
)
