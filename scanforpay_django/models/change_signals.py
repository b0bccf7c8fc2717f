"""Rows whose every change is told, those by QuerySets too: Django itself tells of save() and delete() only."""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db import models
from django.db.models.signals import post_delete, post_save
from django.dispatch import Signal

_SignallingModel = TypeVar("_SignallingModel", bound=models.Model)

#: sent with ``sender``, the model
rows_changed = Signal()


class SignallingQuerySet(models.QuerySet[_SignallingModel]):
    """A QuerySet that tells what it changes."""

    def update(self, **columns: Any) -> int:
        """Tell after the UPDATE."""
        count = super().update(**columns)
        rows_changed.send(self.model)
        return count

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(
        self, objs: Iterable[_SignallingModel], *args: Any, **kwargs: Any
    ) -> list[_SignallingModel]:
        """Tell after the INSERT."""
        made = super().bulk_create(objs, *args, **kwargs)
        rows_changed.send(self.model)
        return made

    bulk_create.alters_data = True  # type: ignore[attr-defined]


def _send_rows_changed(sender: Any, **_: Any) -> None:
    rows_changed.send(sender)


def connect_change_signals(model: type[models.Model]) -> None:
    """Tell of save() and delete() too."""
    for signal in (post_save, post_delete):
        signal.connect(_send_rows_changed, sender=model, dispatch_uid=f"scanforpay-watch-{model.__name__}")
