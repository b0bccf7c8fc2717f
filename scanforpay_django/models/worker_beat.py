"""The processes that do the work in the background, as they were last seen alive."""

from datetime import timedelta
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from scanforpay_django.fields import ExactCharField, MomentField
from scanforpay_django.models.moments import database_now
from scanforpay_django.primary import PrimaryModel, PrimaryQuerySet

#: a worker says that it is alive every ten seconds, a Celery worker with each sweep
LATE = timedelta(seconds=60)
#: one that was ended for good, or has another name since, is no trouble any more
FORGET = timedelta(days=1)


class WorkerBeatQuerySet(PrimaryQuerySet["WorkerBeat"]):
    """Beats, and which of them are late."""

    def record(self, host: str, kind: str) -> None:
        """It is alive now, by the database's clock."""
        found = {"at": database_now()}
        if not self.filter(host=host, kind=kind).update(**found):
            self.update_or_create(host=host, kind=kind, defaults=found)
            self.filter(at__lt=database_now() - FORGET).delete()

    def forget(self, host: str, kind: str) -> None:
        """It has ended as it should. Another one on the host says that it is there."""
        self.filter(host=host, kind=kind).delete()

    def lately(self) -> Self:
        """Those that were seen within a day, with ``is_late`` and ``now``."""
        late = models.Q(at__lt=database_now() - LATE)
        seen = self.filter(at__gte=database_now() - FORGET)
        return seen.annotate(
            is_late=models.ExpressionWrapper(late, models.BooleanField()), now=database_now()
        ).order_by("host", "kind")


class WorkerBeat(PrimaryModel):
    """The workers of one kind on one host: the row says when one of them was last alive."""

    class Kind(models.TextChoices):
        WORKER = "worker"
        CELERY = "celery"

    host = ExactCharField(max_length=200)
    kind = models.CharField(max_length=10, choices=Kind)
    at = MomentField()

    objects = WorkerBeatQuerySet.as_manager()

    class Meta:
        permissions = [("view_health", _("Can see the health of the installation"))]
        constraints = [models.UniqueConstraint(fields=["host", "kind"], name="scanforpay_beat_once")]

    def __str__(self) -> str:
        return f"{self.host} ({self.kind})"
