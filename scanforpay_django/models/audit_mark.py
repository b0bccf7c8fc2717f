"""How far the audit has looked, and what it found broken: the next run begins there, and looks at that again."""

from collections.abc import Collection

from django.db import connections, models

from scanforpay_django.fields import MomentField
from scanforpay_django.models.moments import DatabaseNow
from scanforpay_django.primary import PrimaryModel, PrimaryQuerySet


class AuditMarkQuerySet(PrimaryQuerySet["AuditMark"]):
    """Marks by the model that they are of."""

    def by_model(self) -> dict[str, int]:
        """Model's label -> the newest key that was looked at."""
        return dict(self.values_list("model", "last_pk"))

    def move(self, keys: dict[str, int]) -> None:
        """Write the marks of a run."""
        marks = [AuditMark(model=model, last_pk=last_pk) for model, last_pk in keys.items()]
        # MySQL and MariaDB take any unique key for it.
        names_key = connections[self.db].features.supports_update_conflicts_with_target
        self.bulk_create(
            marks,
            update_conflicts=True,
            unique_fields=["model"] if names_key else None,
            update_fields=["last_pk", "at"],
        )


class AuditMark(PrimaryModel):
    """Up to where the audit has looked at one model's rows."""

    # the model's label, e.g. "scanforpay.Order"
    model = models.CharField(max_length=60)
    last_pk = models.BigIntegerField()
    at = MomentField(db_default=DatabaseNow())

    objects = AuditMarkQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["model"], name="scanforpay_audit_mark_once")]

    def __str__(self) -> str:
        return f"{self.model} {self.last_pk}"


class AuditFailureQuerySet(PrimaryQuerySet["AuditFailure"]):
    """Failures by their check."""

    def keys(self, check: str) -> list[int]:
        """Keys of the rows for which a check did not hold at the last look."""
        return list(self.filter(check_code=check).values_list("row_pk", flat=True))

    def replace(self, check: str, keys: Collection[int]) -> None:
        """These failed at this look, and no others."""
        self.filter(check_code=check).delete()
        self.bulk_create(AuditFailure(check_code=check, row_pk=key) for key in keys)


class AuditFailure(PrimaryModel):
    """A row for which a check did not hold, and that was not repaired."""

    check_code = models.CharField(max_length=40)
    row_pk = models.BigIntegerField()

    objects = AuditFailureQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["check_code", "row_pk"], name="scanforpay_audit_failure_once")
        ]

    def __str__(self) -> str:
        return f"{self.check_code} {self.row_pk}"
