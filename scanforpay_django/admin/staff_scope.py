"""Which partners and stores a user may see: given by those who see all."""

from typing import Any

from django.http import HttpRequest

from scanforpay_django.admin.base import ModelAdmin
from scanforpay_django.admin.list_filters import PartnerFilter, StoreFilter
from scanforpay_django.admin.scope import get_scope


class StaffScopeAdmin(ModelAdmin):
    """A row ties a user to a partner or to a store."""

    list_display = ["user", "partner", "store"]
    list_filter = [PartnerFilter, StoreFilter]
    list_select_related = ["partner", "store"]
    fields = ["user", "partner", "store"]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Users may be in another database: no JOIN leads there."""
        return super().get_queryset(request).prefetch_related("user")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Of the users those who may sign in here, where the user model's table says who."""
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        names = {one.name for one in db_field.related_model._meta.get_fields()}
        if db_field.name == "user" and "is_staff" in names:
            field.queryset = field.queryset.filter(is_staff=True)
        return field

    def has_module_permission(self, request: HttpRequest) -> bool:
        return super().has_module_permission(request) and get_scope(request).sees_all

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A user who sees a part of the scopes could find out who has the rest."""
        return super().has_view_permission(request, obj) and get_scope(request).sees_all

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Users may not widen their own scope."""
        return super().has_add_permission(request) and get_scope(request).sees_all

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and get_scope(request).sees_all

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and get_scope(request).sees_all
