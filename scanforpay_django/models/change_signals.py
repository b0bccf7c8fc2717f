"""A signal for every change of some models, QuerySet updates included: Django signals save() and delete() only."""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db import models
from django.db.models.signals import post_delete, post_save
from django.dispatch import Signal

from scanforpay_django.primary import PrimaryQuerySet

_SignallingModel = TypeVar("_SignallingModel", bound=models.Model)

#: sent with ``sender``, the model
rows_changed = Signal()


class SignallingQuerySet(PrimaryQuerySet[_SignallingModel]):
    """A QuerySet that sends ``rows_changed`` for what it changes."""

    def update(self, **columns: Any) -> int:
        """Send the signal after the UPDATE."""
        count = super().update(**columns)
        rows_changed.send(self.model)
        return count

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(
        self, objs: Iterable[_SignallingModel], *args: Any, **kwargs: Any
    ) -> list[_SignallingModel]:
        """Send the signal after the INSERT."""
        made = super().bulk_create(objs, *args, **kwargs)
        rows_changed.send(self.model)
        return made

    bulk_create.alters_data = True  # type: ignore[attr-defined]


def _send_rows_changed(sender: Any, **_: Any) -> None:
    rows_changed.send(sender)


def connect_change_signals(model: type[models.Model]) -> None:
    """Send the signal for save() and delete() too."""
    for signal in (post_save, post_delete):
        signal.connect(_send_rows_changed, sender=model, dispatch_uid=f"scanforpay-watch-{model.__name__}")
