"""Partners and their sign keys (shown once)."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from scanforpay_django.admin.base import (
    ModelAdmin,
    ModelForm,
    ReadOnlyInline,
    SecretsAdmin,
    may_stop_payments,
)
from scanforpay_django.admin.list_filters import PartnerFilter
from scanforpay_django.admin.scope import get_scope, narrow, narrow_field
from scanforpay_django.conf import conf
from scanforpay_django.models import Partner, SignKey, Store
from scanforpay_django.operations.set_up.first_rows import issue_key
from scanforpay_django.operations.signature import Diagnosis, diagnose
from scanforpay_django.signing import MAX_MESSAGE_BYTES

MOST_BYTES = 4 * MAX_MESSAGE_BYTES


@sensitive_variables()
def show_once(site: AdminSite, request: HttpRequest, key: SignKey, secret: str) -> HttpResponse:
    """The one answer that holds the key. It is in no message, cookie, log or later page."""
    partner_page = reverse("admin:scanforpay_partner_change", args=[key.partner_id], current_app=site.name)
    context = {
        **site.each_context(request),
        "title": _("Sign key"),
        "key": key,
        "secret": secret,
        "api_url": conf.base_url + reverse("scanforpay:create").removesuffix("jspay/create"),
        "next_url": partner_page,
    }
    response = TemplateResponse(request, "admin/scanforpay/sign_key_once.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


class RefusedForm(forms.Form):
    """A request that was refused, exactly as it was sent."""

    partner = forms.ModelChoiceField(
        Partner.objects.all(),
        label=_("partner"),
        required=False,
        help_text=_("Empty: the one the request names."),
    )
    body = forms.CharField(
        label=_("Body of the request"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "class": "vLargeTextField", "spellcheck": "false"}),
        help_text=_("Exactly as it was sent. A file is safer: pasting changes line breaks and charsets."),
    )
    file = forms.FileField(label=_("Or a file"), required=False)

    def __init__(self, *data: Any, request: HttpRequest) -> None:
        super().__init__(*data)
        narrow_field(request, self, "partner")
        self.partners = None if get_scope(request).sees_all else narrow(request, Partner.objects.all())

    def clean(self) -> dict[str, Any]:
        """One of the two."""
        cleaned = super().clean() or {}
        if not cleaned.get("body") and not cleaned.get("file"):
            raise forms.ValidationError(_("Paste the body, or give a file."))
        return cleaned

    def diagnosis(self) -> Diagnosis:
        """A browser sends every line break of a text field as CR LF: both are tried."""
        partner = self.cleaned_data["partner"]
        named = partner.partner_no if partner else ""
        file = self.cleaned_data["file"]
        if file:
            return diagnose(file.read(MOST_BYTES), named, self.partners)
        pasted = self.cleaned_data["body"].encode("utf-8", "replace")
        found = [diagnose(text, named, self.partners) for text in (pasted.replace(b"\r\n", b"\n"), pasted)]
        codes = [{one.code for one in diagnosis.findings} for diagnosis in found]
        return min(
            zip(found, codes, strict=True),
            key=lambda one: (not one[0].is_right, "right" not in one[1], "unknown" in one[1]),
        )[0]


class SignKeyInline(ReadOnlyInline):
    """A partner's keys, without the secrets."""

    model = SignKey
    fields = ["name", "last_four", "valid_from", "valid_until", "last_used_at"]
    readonly_fields = ["last_four"]

    @admin.display(description=_("last four characters"))
    def last_four(self, obj: SignKey) -> str:
        """To tell keys apart."""
        return obj.last_four


class StoreInline(ReadOnlyInline):
    model = Store
    fields = ["store_no", "name", "currency", "is_active"]


class PartnerAdmin(ModelAdmin):
    """Merchants. A new one gets its first sign key at once."""

    list_display = ["partner_no", "name", "is_active", "test_mode", "created_at"]
    list_filter = ["is_active", "test_mode"]
    search_fields = ["partner_no", "name"]
    inlines = [SignKeyInline, StoreInline]
    change_list_template = "admin/scanforpay/partner_list.html"

    def get_urls(self) -> list[Any]:
        """The page for refused signatures beside the list."""
        view = sensitive_post_parameters("body")(self.signature_view)
        return [
            path("signature/", self.admin_site.admin_view(view), name="scanforpay_signature"),
            *super().get_urls(),
        ]

    def signature_view(self, request: HttpRequest) -> HttpResponse:
        """What is wrong with a request's signature. The request itself is not shown again."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = RefusedForm(
            *((request.POST, request.FILES) if request.method == "POST" else ()), request=request
        )
        found = form.diagnosis() if form.is_bound and form.is_valid() else None
        context = {
            **self.admin_site.each_context(request),
            "title": _("Check a rejected signature"),
            "opts": self.opts,
            "form": RefusedForm(request=request) if found else form,
            "found": found,
        }
        response = TemplateResponse(request, "admin/scanforpay/signature.html", context)
        response["Cache-Control"] = "private, no-store"
        return response

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """None on the page of a partner that is not there yet."""
        return self.inlines if obj else []

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The number is what merchants sign with: it stays."""
        stop = [] if may_stop_payments(request) else ["stops_payments"]
        return ["partner_no", *stop] if obj else stop

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A new partner is in no scope yet."""
        return super().has_add_permission(request) and get_scope(request).sees_all

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not by staff of one of its stores: it would concern the others."""
        may = super().has_change_permission(request, obj)
        return may and (obj is None or get_scope(request).has_whole_partner(obj.pk))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Partners are switched off, not deleted: their orders stay."""
        return False

    @sensitive_variables()
    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        """Make the first key and show it."""
        key, secret = issue_key(obj, "1")
        return show_once(self.admin_site, request, key, secret)


class NewSignKeyForm(ModelForm):
    """A key is made here; one that exists elsewhere can be pasted, once."""

    existing = forms.CharField(
        label=_("Existing key"),
        required=False,
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "class": "vTextField"}),
        help_text=_("Only when you move from another system. Leave it empty to have a new key made."),
    )

    class Meta:
        model = SignKey
        fields = ["partner", "name", "valid_from", "valid_until"]

    @sensitive_variables()
    def clean_existing(self) -> str:
        """Blanks around a key are a copying mistake that is hard to find later."""
        value = str(self.cleaned_data["existing"])
        if value != value.strip():
            raise forms.ValidationError(_("The key begins or ends with a blank or a line break."))
        return value


class SignKeyAdmin(SecretsAdmin):
    """Keys: made, shown once, given an end."""

    list_display = ["partner", "name", "last_four", "valid_from", "valid_until", "last_used_at"]
    list_select_related = ["partner"]
    list_filter = [PartnerFilter]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The secret can be given when a key is made, never later."""
        if obj is None:
            kwargs["form"] = NewSignKeyForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What the page shows."""
        if obj is None:
            return ["partner", "name", "valid_from", "valid_until", "existing"]
        return ["partner", "name", "last_four", "valid_from", "valid_until", "last_used_at", "created_at"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Only the end of a key may be changed."""
        return ["partner", "last_four", "valid_from", "last_used_at", "created_at"] if obj else []

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not by staff of one store: the key is for all of the partner's."""
        may = super().has_change_permission(request, obj)
        return may and (obj is None or get_scope(request).has_whole_partner(obj.partner_id))

    @admin.display(description=_("last four characters"))
    def last_four(self, obj: SignKey) -> str:
        """To tell keys apart."""
        return obj.last_four

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A key is given an end; what it signed stays explainable."""
        return False

    @sensitive_variables()
    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Encrypt the secret of a new key."""
        if not change:
            request.scanforpay_secret = form.cleaned_data["existing"] or SignKey.generate()  # type: ignore[attr-defined]
            obj.set_secret(request.scanforpay_secret)  # type: ignore[attr-defined]
        super().save_model(request, obj, form, change)

    @sensitive_variables()
    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        """The new key is shown on a page of its own, this once: nothing can show it again."""
        return show_once(self.admin_site, request, obj, request.scanforpay_secret)  # type: ignore[attr-defined]
