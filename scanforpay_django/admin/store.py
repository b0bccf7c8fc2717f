"""Stores, and how they look to customers."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from scanforpay_django.admin.base import ModelForm, may_stop_payments
from scanforpay_django.admin.go_live import GoLivePages
from scanforpay_django.admin.health import HealthPage
from scanforpay_django.admin.list_filters import PartnerFilter
from scanforpay_django.models import Logo, Store
from scanforpay_django.models.branding import MAX_LOGO_BYTES, read_picture

LOOK = ["color", "shown_logo", "logo_file", "remove_logo"]


class StoreForm(ModelForm):
    """A store; its logo comes as a file."""

    logo_file = forms.FileField(
        label=_("Logo"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
        help_text=_(
            "PNG, JPEG or WebP, square is best; at most 64 KB and 1024 pixels a side. Shown at 44 pixels."
        ),
    )
    remove_logo = forms.BooleanField(label=_("Remove the logo"), required=False)

    class Meta:
        model = Store
        exclude = ["logo"]

    def clean_logo_file(self) -> bytes:
        """The bytes, once they are known to be a picture."""
        uploaded = self.cleaned_data["logo_file"]
        content: bytes = uploaded.read(MAX_LOGO_BYTES + 1) if uploaded else b""
        if content:
            read_picture(content)
        return content

    def save(self, commit: bool = True) -> Store:
        """Keep the new logo, or none."""
        if self.cleaned_data["logo_file"]:
            self.instance.logo = Logo.objects.keep(self.cleaned_data["logo_file"])
        elif self.cleaned_data["remove_logo"]:
            self.instance.logo = None
        saved: Store = super().save(commit)
        return saved


class StoreAdmin(HealthPage, GoLivePages):
    """Stores, with the look of their pay pages; beside them the guided set-up."""

    form = StoreForm
    list_display = ["store_no", "name", "partner", "currency", "language", "is_active"]
    list_filter = ["is_active", PartnerFilter, "currency"]
    search_fields = ["store_no", "name", "name_en"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The look after the names."""
        plain = [name for name in super().get_fields(request, obj) if name not in LOOK]
        at = plain.index("language") + 1 if "language" in plain else len(plain)
        return [*plain[:at], *LOOK, *plain[at:]]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A store's number, partner and currency are on its orders: they stay."""
        fixed = ["store_no", "partner", "currency"] if obj else []
        # Whom the limit holds for does not raise it.
        limit = [] if request.user.has_perm("scanforpay.refund_above_limit") else ["refund_limit"]
        stop = [] if may_stop_payments(request) else ["stops_payments"]
        return ["shown_logo", *fixed, *limit, *stop]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Stores are switched off, not deleted."""
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Delete logos that no store shows any more."""
        super().save_model(request, obj, form, change)
        Logo.objects.forget_unused()

    @admin.display(description=_("Logo now"))
    def shown_logo(self, obj: Store) -> str:
        """As customers see it."""
        if not obj.logo_id:
            return "–"
        path = reverse("scanforpay:logo", args=[obj.logo_id])
        return format_html('<img src="{}" width="44" height="44" alt="">', path)
