"""Platforms' bills: what is kept, what is wrong with it, and the form that takes a file."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html_join
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from scanforpay_django.admin.base import ModelAdmin, ModelForm
from scanforpay_django.admin.list_filters import AccountFilter, newest_values
from scanforpay_django.books.difference_acts import MAX_COMPARED_AT_ONCE
from scanforpay_django.books.fetch_bill import check_file, import_bill
from scanforpay_django.books.keep_bill import BillOf
from scanforpay_django.books.reconcile import reconcile_file, schedule_file
from scanforpay_django.conf import conf
from scanforpay_django.exceptions import BillRefused, ScanForPayError
from scanforpay_django.models import BillFile, Difference
from scanforpay_django.models.database import non_atomic_requests
from scanforpay_django.wallets.registry import find_wallet_class, wallet_classes

#: problems that a bill's page shows; the others are in the table
SHOWN_PROBLEMS = 100


def _kinds() -> list[tuple[str, Any]]:
    found = {
        name: kind.label for backend in wallet_classes().values() for name, kind in backend.bill_types.items()
    }
    return sorted(found.items())


class UploadForm(ModelForm):
    """A file, and what it is of."""

    bill_type = forms.ChoiceField(label=_("kind of bill"))
    day = forms.DateField(
        label=_("day"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("By the platform's calendar, in Beijing's time."),
    )
    last_day = forms.DateField(
        label=_("last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Empty for a bill of one day."),
    )
    file = forms.FileField(label=_("file"), help_text=_("As the platform provides it: CSV, ZIP or GZIP."))

    class Meta:
        model = BillFile
        fields = ["account", "bill_type", "day", "last_day"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["bill_type"].choices = _kinds()  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        """A file that can be opened, for there is somewhere to keep it."""
        file = self.cleaned_data["file"]
        try:
            alias = conf.bill_storage
            check_file(file)
        except ImproperlyConfigured as error:
            raise ValidationError(gettext("Bills cannot be kept: set SCANFORPAY_BILL_STORAGE.")) from error
        except BillRefused as refused:
            raise ValidationError(gettext(refused.text)) from refused
        return file if alias else None

    def clean(self) -> Any:
        """The account's wallet has such bills, and the days are in their order."""
        found = super().clean() or self.cleaned_data
        account, day = found.get("account"), found.get("day")
        found["last_day"] = found.get("last_day") or day
        backend = find_wallet_class(account.wallet) if account else None
        if backend is not None and found.get("bill_type") not in backend.bill_types:
            self.add_error("bill_type", gettext("The account's wallet has no bill of this kind."))
        if day and found["last_day"] < day:
            self.add_error("last_day", gettext("The last day is before the first."))
        return found

    def validate_unique(self) -> None:
        """The same file again is the bill that is there."""


def _compare(request: HttpRequest, bill: BillFile) -> None:
    """And say what came of it. The bill is stored, whatever becomes of that."""
    if bill.line_count > MAX_COMPARED_AT_ONCE:
        schedule_file(bill)
        messages.warning(request, gettext("The bill is large: the worker compares it within five minutes."))
        return
    try:
        day = reconcile_file(bill)[0]
    except (ScanForPayError, ImproperlyConfigured) as error:
        messages.warning(
            request, gettext("The bill is stored, and was not compared: %(why)s") % {"why": error}
        )
        return
    number = day.differences.open().exclude(kind__in=Difference.NOTES).count()
    text = ngettext("%(number)d difference is open.", "%(number)d differences are open.", number)
    agrees = gettext("The bill was compared: all agrees.")
    level = messages.WARNING if number else messages.SUCCESS
    messages.add_message(request, level, text % {"number": number} if number else agrees)


class BillFileAdmin(ModelAdmin):
    """Bills are uploaded and read, and never changed."""

    list_display = [
        "day",
        "account",
        "bill_type",
        "state",
        "line_count",
        "unread_count",
        "problem_count",
        "source",
    ]
    list_filter = ["state", newest_values("bill_type"), AccountFilter]
    list_select_related = ["account__store"]
    fields = [
        "account", "bill_type", "day", "last_day", "state", "is_whole", "error_text", "line_count", "unread_count",
        "problem_list", "totals", "source", "uploaded_by", "fetched_at", "read_at", "size", "sha256", "platform_hash",
        "superseded_by",
    ]  # fmt: skip

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """A new one is an upload."""
        return super().get_form(request, obj, change, **(kwargs if obj else {**kwargs, "form": UploadForm}))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The upload's own, or all that is known."""
        return self.fields if obj else ["account", "bill_type", "day", "last_day", "file"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """All fields: a bill is read, and never edited."""
        return self.fields if obj else []

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What a platform said stays as it is."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The books are kept."""
        return False

    @non_atomic_requests
    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> Any:
        """A bill is stored in many short transactions: none is around them."""
        subject: Any = self
        # What add_view calls, without its transaction.
        return subject._changeform_view(request, None, form_url, extra_context)  # noqa: SLF001

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """The bill with its lines, or the one that is there already."""
        given = form.cleaned_data
        of = BillOf(
            account=given["account"],
            bill_type=given["bill_type"],
            first_day=given["day"],
            last_day=given["last_day"],
        )
        return import_bill(of, given["file"], by=request.user.get_username())

    def response_add(
        self, request: HttpRequest, obj: BillFile, post_url_continue: Any = None
    ) -> HttpResponse:
        """The bill is compared at once; one that is large, by the worker."""
        if obj.state in (BillFile.State.READ, BillFile.State.BROKEN):
            _compare(request, obj)
        return super().response_add(request, obj, post_url_continue)

    def save_model(self, request: HttpRequest, obj: BillFile, form: Any, change: bool) -> None:
        """It was stored when it was read."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """There is nothing beside it."""

    @admin.display(description=_("error"))
    def error_text(self, obj: BillFile) -> str:
        """Why it could not be opened."""
        return gettext(obj.error) if obj.error else ""

    @admin.display(description=_("problems"))
    def problem_list(self, obj: BillFile) -> str:
        """Each with its line; of a million the first hundred."""
        rows = obj.problems.all()[:SHOWN_PROBLEMS]
        return format_html_join(
            "",
            "<p>{} {}<br>{}</p>",
            (
                (
                    one.get_code_display(),
                    " · ".join(filter(None, [str(one.line_no or ""), one.field, one.stated, one.expected])),
                    one.raw[:300],
                )
                for one in rows
            ),
        )
