"""When periodic work was last done through Celery, by whichever worker: so each can tell that it has ended."""

from datetime import timedelta
from typing import Self

from django.db import models

from scanforpay_django.fields import MomentField
from scanforpay_django.models.moments import database_now
from scanforpay_django.primary import PrimaryModel, PrimaryQuerySet


class PeriodicRunQuerySet(PrimaryQuerySet["PeriodicRun"]):
    """Marks of periodic work."""

    def mark(self, name: str) -> None:
        """It was done now, by the database's clock."""
        if not self.filter(name=name).update(at=database_now()):
            self.update_or_create(name=name, defaults={"at": database_now()})

    def since(self, name: str, seconds: float) -> Self:
        """The mark, if it is not older than that."""
        return self.filter(name=name, at__gte=database_now() - timedelta(seconds=seconds))


class PeriodicRun(PrimaryModel):
    """One periodic job's last run."""

    name = models.CharField(max_length=40, unique=True)
    at = MomentField()

    objects = PeriodicRunQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name
