"""What the pages of the admin share: read-only lists, safe lookups, amounts."""

import re
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import FieldError, PermissionDenied
from django.db import DataError, NotSupportedError
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from scanforpay_django import money
from scanforpay_django.admin.large_list import NearPages, read_page_number
from scanforpay_django.admin.lookups import declared_lookups
from scanforpay_django.admin.scope import ScopedRows, get_scope
from scanforpay_django.models import HostClock
from scanforpay_django.models.database import atomic

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Any]
    BaseAdmin = admin.ModelAdmin[Any]
    TabularInline = admin.TabularInline[Any, Any]
else:
    ModelForm = forms.ModelForm
    BaseAdmin = admin.ModelAdmin
    TabularInline = admin.TabularInline

# A row's key: more digits are no 64-bit number.
KEY = re.compile(r"[0-9]{1,18}")


class ModelAdmin(ScopedRows, BaseAdmin):
    """A subject whose list has the user's own rows, does not fail, whatever its address says, and counts nothing."""

    show_full_result_count = False
    # they count the rows of each choice
    show_facets = admin.ShowFacets.NEVER

    def get_paginator(
        self,
        request: HttpRequest,
        queryset: Any,
        per_page: int,
        orphans: int = 0,
        allow_empty_first_page: bool = True,
    ) -> NearPages:
        """Pages near the one that is asked for."""
        return NearPages(
            queryset,
            per_page,
            read_page_number(request),
            orphans=orphans,
            allow_empty_first_page=allow_empty_first_page,
        )

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        """What the list's filters ask for, and nothing else: not even of the model's own columns."""
        declared = self.list_filter if request is None else self.get_list_filter(request)
        return lookup in declared_lookups(declared)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Django looks for whatever an action is sent as keys, also for what can be none."""
        if request.method == "POST":
            sent = request.POST.copy()
            keys = [key for key in sent.getlist(ACTION_CHECKBOX_NAME) if KEY.fullmatch(key)]
            sent.setlist(ACTION_CHECKBOX_NAME, keys)
            request.POST = sent  # type: ignore[assignment]
            self._check_action(request)
        return super().changelist_view(request, extra_context)

    def _check_action(self, request: HttpRequest) -> None:
        """Django reads an action that the user may not take as none at all. Raises PermissionDenied."""
        # From Django 6.1 on an action is no tuple any more.
        known = {
            action.name if hasattr(action, "name") else action[1]
            for action in self._get_base_actions()  # type: ignore[attr-defined]
        }
        asked = set(request.POST.getlist("action")) & known
        if asked - set(self.get_actions(request)):
            raise PermissionDenied

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """None for what can be no key."""
        if from_field is None and not KEY.fullmatch(object_id):
            return None
        return super().get_object(request, object_id, from_field)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Django checks what it looks for, but not that the database can: the list comes without it then."""
        try:
            with atomic():
                return super().get_changelist_instance(request)
        except (ValueError, OverflowError, DataError, NotSupportedError, FieldError) as error:
            raise IncorrectLookupParameters from error


class SecretTextarea(forms.Textarea):
    """For secrets of several lines: what was sent is not in the page that says what is wrong with it."""

    def format_value(self, value: Any) -> str:
        """Nothing: a secret that was sent is not sent back."""
        return ""


class SecretsAdmin(ModelAdmin):
    """A subject whose form takes secrets."""

    @method_decorator(sensitive_post_parameters())
    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> Any:
        """What is posted here is in no report of an error."""
        return super().changeform_view(request, object_id, form_url, extra_context)


class ReadOnly:
    """Neither added, changed nor deleted in admin."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(ReadOnly, ModelAdmin):
    """A list and pages that show rows which flows write; staff change nothing here by hand."""


class ReadOnlyInline(ReadOnly, ScopedRows, TabularInline):
    """Read-only rows on another subject's page."""

    extra = 0
    show_change_link = True
    can_delete = False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """All of them: some are no form fields at all."""
        return self.fields


def may_stop_payments(request: HttpRequest) -> bool:
    """Whether the user may set the switch that stops new payments of a partner, store or account."""
    return request.user.has_perm("scanforpay.stop_payments")


def warn_of_clocks(request: HttpRequest) -> None:
    """Say above the list which hosts expire and close no order because their clocks are wrong.

    A merchant's staff have no hosts.
    """
    if not get_scope(request).sees_all:
        return
    for clock in HostClock.objects.wrong_now().order_by("host"):
        minutes, seconds = divmod(abs(clock.skew_seconds), 60)
        text = (
            _(
                "The clock of %(host)s is %(time)s ahead of the database's: it expires and closes no order. Set it."
            )
            if clock.skew_seconds > 0
            else _(
                "The clock of %(host)s is %(time)s behind the database's: it expires and closes no order. Set it."
            )
        )
        messages.warning(request, text % {"host": clock.host, "time": f"{minutes}:{seconds:02}"})


def display_amount(amount: int | None, currency: str) -> str:
    """An amount for staff, with its currency's code: "CNY 21.00", "JPY 2,100"; "" for none."""
    return "" if amount is None else money.with_code(amount, currency)
