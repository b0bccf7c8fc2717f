"""What staff may look at and nobody may edit by hand."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from scanforpay_django import money

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Any]
    ModelAdmin = admin.ModelAdmin[Any]
    TabularInline = admin.TabularInline[Any, Any]
else:
    ModelForm = forms.ModelForm
    ModelAdmin = admin.ModelAdmin
    TabularInline = admin.TabularInline


class ReadOnly:
    """Neither added, changed nor deleted in admin."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


class ReadOnlyAdmin(ReadOnly, ModelAdmin):
    """A read-only subject."""


class ReadOnlyInline(ReadOnly, TabularInline):
    """Read-only rows on another subject's page."""

    extra = 0
    show_change_link = True
    can_delete = False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """All of them: some are no form fields at all."""
        return self.fields


def shown(amount: int | None, currency: str) -> str:
    """An amount for people; "" for none."""
    try:
        return "" if amount is None else money.display(amount, currency)
    except ValueError:
        return f"{amount} {currency}"
