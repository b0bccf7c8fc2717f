"""Whose orders a member of staff may see."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from scanforpay_django.models.merchant import Partner
from scanforpay_django.models.store import Store
from scanforpay_django.primary import PrimaryForeignKey, PrimaryModel, PrimaryQuerySet


class StaffScopeQuerySet(PrimaryQuerySet["StaffScope"]):
    """Scopes, and whose they are."""

    def for_user(self, user: Any) -> Self:
        """By the key alone: users may be in another database."""
        return self.filter(user_id=user.pk)


class StaffScope(PrimaryModel):
    """Ties a user to a partner with all its stores, or to one store. A user may have several."""

    # A router may leave staff in another database than this table: no constraint, no JOIN, and no deletion through it.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
        verbose_name=_("user"),
        # the constraint's index serves
        db_index=False,
    )
    partner = PrimaryForeignKey(
        Partner,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="staff_scopes",
        verbose_name=_("partner"),
        help_text=_("All its stores, those to come too, its sign keys and its endpoints."),
    )
    store = PrimaryForeignKey(
        Store,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="staff_scopes",
        verbose_name=_("store"),
        help_text=_("This store alone."),
    )

    objects = StaffScopeQuerySet.as_manager()

    class Meta:
        verbose_name = _("staff scope")
        verbose_name_plural = _("staff scopes")
        ordering = ["pk"]
        permissions = [("view_all_partners", _("Can see all partners and stores"))]
        constraints = [
            models.UniqueConstraint(fields=["user", "partner"], name="scanforpay_scope_partner_once"),
            models.UniqueConstraint(fields=["user", "store"], name="scanforpay_scope_store_once"),
            models.CheckConstraint(
                condition=Q(partner__isnull=True, store__isnull=False)
                | Q(partner__isnull=False, store__isnull=True),
                name="scanforpay_scope_partner_or_store",
                violation_error_message=_("Choose a partner or a store, and not both."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.store or self.partner or "")


@receiver(post_delete, sender=settings.AUTH_USER_MODEL, dispatch_uid="scanforpay-forget-scopes")
def _forget_scopes(instance: Any, **_kwargs: Any) -> None:
    """Another user may get the key of one that is gone."""
    StaffScope.objects.for_user(instance).delete()
