"""Wallet accounts: first what it is, then the credentials that its wallet asks for."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from scanforpay_django.admin.base import ModelForm, SecretsAdmin, SecretTextarea, may_stop_payments
from scanforpay_django.admin.go_live import describe_go_live
from scanforpay_django.admin.list_filters import WalletFilter
from scanforpay_django.exceptions import SecretUnreadable
from scanforpay_django.models import WalletAccount
from scanforpay_django.operations.connection_test import test_connection
from scanforpay_django.operations.set_up.check_account import keep_connection
from scanforpay_django.operations.set_up.go_live import get_notify_address, read_list
from scanforpay_django.operations.set_up.registration import to_register
from scanforpay_django.wallets.base import Credential, Wallet
from scanforpay_django.wallets.registry import find_wallet_class, wallet_classes

_COMPUTED_FIELDS = ["notify_address", "registered_there"]
TO_REGISTER = {
    "payment_directory": _("JSAPI payment directory"),
    "sign_in_domain": _("Web-page authorisation domain"),
    "receipt_link": _("Merchant receipt (Gold Plan)"),
}
PARTY_IS_FIXED = _(
    "Payments were made through this account, so who collects stays. For another merchant add another account and "
    "switch this one off: it goes on receiving what is paid to it, and its refunds."
)
KEPT = _("Stored, and not shown again. Leave it empty to keep it.")


class NewAccountForm(ModelForm):
    """Which store collects through which wallet, and where."""

    wallet = forms.ChoiceField(label=_("Wallet"))

    class Meta:
        model = WalletAccount
        fields = ["store", "wallet", "name", "environment", "currencies"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Without credentials it cannot collect: the second step activates it.
        self.instance.is_active = False
        choices = [(name, found.staff_label or found.label) for name, found in wallet_classes().items()]
        self.fields["wallet"].choices = choices  # type: ignore[attr-defined]


def _field(credential: Credential, value: str, is_stored: bool) -> forms.Field:
    widget: forms.Widget
    if credential.multiline:
        kind = SecretTextarea if credential.secret else forms.Textarea
        widget = kind(attrs={"rows": 6, "cols": 80, "spellcheck": "false", "autocomplete": "off"})
    elif credential.secret:
        widget = forms.PasswordInput(attrs={"class": "vTextField", "autocomplete": "off"})
    else:
        widget = forms.TextInput(attrs={"class": "vTextField"})
    kept = credential.secret and is_stored
    return forms.CharField(
        label=credential.label,
        required=credential.required and not kept,
        initial="" if credential.secret else value,
        help_text=KEPT if kept else credential.help,
        widget=widget,
    )


class AccountForm(ModelForm):
    """The account with its wallet's own fields. Secrets go in and never come out."""

    class Meta:
        model = WalletAccount
        fields = ["name", "currencies", "grants", "fee_rate", "is_active", "stops_payments"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        try:
            self._stored = self.instance.secrets()
        except SecretUnreadable:
            self._stored = {}
        if not self.instance.secrets_ciphertext:
            self.initial["is_active"] = True
        self._wallet = find_wallet_class(self.instance.wallet)
        for credential in self._credentials():
            value = str(self.instance.config.get(credential.name, ""))
            self.fields[credential.name] = _field(credential, value, credential.name in self._stored)

    def _credentials(self) -> tuple[Credential, ...]:
        return self._wallet.credentials if self._wallet else ()

    def clean_currencies(self) -> str:
        """Only what the platform collects."""
        wallet = self._wallet
        given = str(self.cleaned_data["currencies"]).upper().replace(",", " ").split()
        unknown = sorted(set(given) - wallet.currencies) if wallet else []
        if unknown or not given:
            allowed = " ".join(sorted(wallet.currencies)) if wallet else ""
            raise forms.ValidationError(_("Enter one or more of: %(allowed)s"), params={"allowed": allowed})
        return " ".join(given)

    def clean_grants(self) -> str:
        """Only products of this wallet."""
        wallet = self._wallet
        given = str(self.cleaned_data["grants"]).replace(",", " ").split()
        if wallet and set(given) - set(wallet.products):
            raise forms.ValidationError(
                _("Enter one or more of: %(allowed)s"), params={"allowed": " ".join(wallet.products)}
            )
        return " ".join(given)

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        """Let the wallet say what is wrong with the credentials."""
        cleaned = super().clean() or {}
        # What no field asks for stays, too: all of it where the wallet is not configured any more.
        self._config, self._secrets = dict(self.instance.config), dict(self._stored)
        for credential in self._credentials():
            value = str(cleaned.get(credential.name) or "").strip()
            if not credential.secret:
                self._config[credential.name] = value
            elif value:
                self._secrets[credential.name] = value
        wallet = self._wallet
        if wallet is not None:
            for name in self._changed_party(wallet):
                self.add_error(name, PARTY_IS_FIXED)
        if wallet is not None and not self.errors:
            for name, text in wallet.check_credentials(self._config, self._secrets).items():
                self.add_error(name, text)
        return cleaned

    def _changed_party(self, wallet: type[Wallet]) -> list[str]:
        """Which fields would name another collecting party although attempts were made through the account.

        The row is locked until the form is saved: a new attempt waits, and then meets the account as it is stored.
        """
        stored = WalletAccount.objects.select_for_update().get(pk=self.instance.pk)
        before, after = wallet.collecting_party(stored.config), wallet.collecting_party(self._config)
        changed = [name for name, value in after.items() if before[name] != value]
        return changed if changed and stored.payments.exists() else []

    def save(self, commit: bool = True) -> WalletAccount:
        """Public credentials as they are, secret ones encrypted."""
        self.instance.config = {name: value for name, value in self._config.items() if value}
        # What cannot be read now may be read again when its key is back: unless others are given, it stays.
        if self._secrets != self._stored or not self.instance.secrets_ciphertext:
            self.instance.set_secrets(self._secrets)
        saved: WalletAccount = super().save(commit)
        return saved


class WalletAccountAdmin(SecretsAdmin):
    """Wallet accounts; what a secret field holds is never shown again."""

    list_display = ["store", "wallet", "name", "environment", "currencies", "is_active"]
    list_filter = [WalletFilter, "environment", "is_active"]
    search_fields = ["store__store_no", "store__name", "name"]
    change_form_template = "admin/scanforpay/account_change.html"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page, or its "test connection": outside of any transaction, for it calls the platform."""
        if request.method == "POST" and "_probe" in request.POST and self.has_change_permission(request):
            account = self.get_object(request, object_id)
            if account is None:
                raise Http404
            works, text = test_connection(account)
            keep_connection(account, works, text)
            self.message_user(request, gettext(text), messages.SUCCESS if works else messages.ERROR)
            return HttpResponseRedirect(request.path)
        return super().change_view(
            request,
            object_id,
            form_url,
            {**self._describe_go_live(request, object_id), **(extra_context or {})},
        )

    def _describe_go_live(self, request: HttpRequest, object_id: str) -> dict[str, Any]:
        """The account's go-live list, below its form."""
        if request.method == "POST" or not self.has_view_or_change_permission(request):
            return {}
        account = self.get_object(request, object_id)
        return describe_go_live(request, read_list(account)) if account else {}

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Two steps: what it is, then the credentials."""
        if obj is None:
            return super().get_form(
                request, obj, change, form=NewAccountForm, fields=NewAccountForm.Meta.fields
            )
        # The credentials' fields are made for the instance; the factory knows the model's own only.
        return super().get_form(request, obj, change, form=AccountForm, fields=AccountForm.Meta.fields)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What the page shows."""
        if obj is None:
            return NewAccountForm.Meta.fields
        wallet = find_wallet_class(obj.wallet)
        names = [credential.name for credential in wallet.credentials] if wallet else []
        return ["store", "wallet", "environment", *_COMPUTED_FIELDS, *AccountForm.Meta.fields, *names]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Payments belong to this very account: what it is stays."""
        stop = [] if may_stop_payments(request) else ["stops_payments"]
        return ["store", "wallet", "environment", *_COMPUTED_FIELDS, *stop] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Accounts are switched off, not deleted."""
        return False

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> Any:
        """On to the credentials."""
        name, here = "admin:scanforpay_walletaccount_change", self.admin_site.name
        return HttpResponseRedirect(reverse(name, args=[obj.pk], current_app=here))

    @admin.display(description=_("Notify address"))
    def notify_address(self, obj: WalletAccount) -> str:
        """Where the platform notifies us of this account's payments."""
        return get_notify_address(obj)

    @admin.display(description=_("To be registered at the platform"))
    def registered_there(self, obj: WalletAccount) -> str:
        """What the platform's own forms ask for."""
        pairs = ((TO_REGISTER[name], value) for name, value in to_register(obj).items())
        return format_html_join("", "{}: <code>{}</code><br>", pairs) or "–"
