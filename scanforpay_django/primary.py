"""Rows that are read where they are written: a project's DATABASE_ROUTERS may send reads to a replica that lags.

What this package reads decides about money, locks, duplicates and keys, or was written just before.
"""

from typing import TYPE_CHECKING, Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, router

__all__ = ["PrimaryForeignKey", "PrimaryModel", "PrimaryOneToOneField", "PrimaryQuerySet"]

_PrimaryRow = TypeVar("_PrimaryRow", bound=models.Model)


class PrimaryQuerySet(models.QuerySet[_PrimaryRow]):
    """Reads from ``db_for_write``. A caller's own ``using("replica")`` is respected."""

    @property
    def db(self) -> str:
        """The alias of the database that is asked."""
        rows: Any = self
        chosen: str = rows._db or router.db_for_write(self.model, **rows._hints)  # noqa: SLF001
        return chosen


if TYPE_CHECKING:
    # django-stubs knows Django's own names only.
    from django.db.models import ForeignKey as PrimaryForeignKey
    from django.db.models import Model as PrimaryModel
    from django.db.models import OneToOneField as PrimaryOneToOneField
else:

    class PrimaryModel(models.Model):
        """A row of ours. Related rows, ``refresh_from_db`` and deferred columns come through ``objects`` too."""

        objects = PrimaryQuerySet.as_manager()

        class Meta:
            abstract = True
            base_manager_name = "objects"

    class _ChecksPrimary:
        """Django's own ``validate`` asks ``db_for_read`` whether the row is there."""

        def validate(self, value: Any, model_instance: models.Model) -> None:
            models.Field.validate(self, value, model_instance)
            if value is None:
                return
            name = self.remote_field.field_name
            rows = self.remote_field.model._base_manager.filter(**{name: value})  # noqa: SLF001
            if not rows.complex_filter(self.get_limit_choices_to()).exists():
                named = {
                    "model": self.remote_field.model._meta.verbose_name,
                    "pk": value,
                    "field": name,
                    "value": value,
                }
                raise ValidationError(self.error_messages["invalid"], code="invalid", params=named)

        def deconstruct(self) -> Any:
            """For migrations it is Django's: the column is the same."""
            name, _path, args, kwargs = super().deconstruct()
            return name, f"django.db.models.{self.django_class}", args, kwargs

    class PrimaryForeignKey(_ChecksPrimary, models.ForeignKey):
        """A reference to a row of ours."""

        django_class = "ForeignKey"

    class PrimaryOneToOneField(_ChecksPrimary, models.OneToOneField):
        """The same, for one row each."""

        django_class = "OneToOneField"
