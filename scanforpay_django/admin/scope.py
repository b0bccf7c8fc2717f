"""Staff see their own partners and stores: every page asks here for its rows."""

from typing import Any, TypeVar

from django import forms
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest

from scanforpay_django.operations.staff_scope import get_scope

__all__ = ["ScopedRows", "get_scope", "narrow", "narrow_field"]

_NarrowedModel = TypeVar("_NarrowedModel", bound=models.Model)


def narrow(request: HttpRequest, rows: "QuerySet[_NarrowedModel]") -> "QuerySet[_NarrowedModel]":
    """Those of the rows that the signed-in user may see."""
    return get_scope(request).narrow(rows)


def narrow_field(request: HttpRequest, form: forms.BaseForm, name: str) -> None:
    """Let a field of a form offer, and take, what the signed-in user may see."""
    field = form.fields[name]
    if isinstance(field, forms.ModelChoiceField) and field.queryset is not None:
        field.queryset = narrow(request, field.queryset)


class ScopedRows:
    """Mixed into a subject's admin and into inlines: their rows and choices are those of the signed-in user."""

    def get_queryset(self, request: HttpRequest) -> Any:
        """The list, every page of a row, its history, actions and autocompletion read this."""
        return narrow(request, super().get_queryset(request))  # type: ignore[misc]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """What is not the user's is neither offered nor taken."""
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]
        if isinstance(field, forms.ModelChoiceField) and field.queryset is not None:
            field.queryset = get_scope(request).narrow_choices(field.queryset)
        return field
