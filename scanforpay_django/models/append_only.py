"""Rows that are written once and never changed."""

from typing import Any, NoReturn, TypeVar

from django.db import models

from scanforpay_django.exceptions import AppendOnly
from scanforpay_django.primary import PrimaryQuerySet

_AppendedRow = TypeVar("_AppendedRow", bound=models.Model)


class AppendOnlyQuerySet(PrimaryQuerySet[_AppendedRow]):
    """Read and add. The database refuses the rest too, where it has triggers (``append_only_guard``)."""

    def update(self, **columns: Any) -> NoReturn:
        """Rows stay as they are: raises AppendOnly."""
        raise AppendOnly

    def _update(self, values: Any) -> NoReturn:
        """What ``save()`` of a stored row comes to."""
        raise AppendOnly

    def delete(self) -> NoReturn:
        """Rows stay: raises AppendOnly."""
        raise AppendOnly

    def _raw_delete(self, using: str | None) -> NoReturn:
        raise AppendOnly


class AppendOnlyRow:
    """A row that stays as it was inserted. Name it before the model's other base."""

    _state: Any

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert it. Raises AppendOnly for a row that is stored."""
        if not self._state.adding:
            raise AppendOnly
        super().save(*args, **{**kwargs, "force_insert": True})  # type: ignore[misc]

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Rows stay: raises AppendOnly."""
        raise AppendOnly
