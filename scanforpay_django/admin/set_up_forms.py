"""The forms of the guided set-up: a partner, its store, and the credentials of a wallet account."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from scanforpay_django.admin.base import ModelForm, SecretTextarea
from scanforpay_django.models import Partner, Store, WalletAccount
from scanforpay_django.operations.set_up.first_rows import find_partner_no, find_store_no
from scanforpay_django.operations.set_up.live_account import read_stored_secrets
from scanforpay_django.wallets.base import Credential, Wallet

#: a private key in PEM is under 4 KB, a chain of certificates under 16
MAX_FILE_BYTES = 65_536
FILE = "_file"
KEPT = _("Stored, and not shown again. Leave it empty to keep it.")


class PartnerForm(ModelForm):
    """The merchant that sells, and its number."""

    class Meta:
        model = Partner
        fields = ["name", "partner_no", "contact_email"]
        help_texts = {
            "partner_no": _("The merchant's server sends it with every call. It stays as it is."),
        }

    def __init__(self, data: Any) -> None:
        super().__init__(data, initial={"partner_no": find_partner_no()})


class StoreForm(ModelForm):
    """Where the partner sells."""

    class Meta:
        model = Store
        fields = ["name", "name_en", "store_no", "currency", "language", "timezone"]
        help_texts = {
            "name": _("Customers read it on the pay page."),
            "store_no": _("The merchant's server sends it with every call. It stays as it is."),
            "currency": _("What the wallet account collects. It stays as it is."),
        }

    def __init__(self, data: Any, *, partner: Partner) -> None:
        # With the partner, the store's number and name are checked as they will be stored.
        instance = Store(partner=partner)
        super().__init__(
            data, instance=instance, initial={"store_no": find_store_no(partner), "name": partner.name[:64]}
        )


def _make_field(credential: Credential, value: str, *, is_stored: bool) -> forms.Field:
    attributes = {"autocomplete": "off", "spellcheck": "false"}
    widget: forms.Widget
    if credential.multiline:
        kind = SecretTextarea if credential.secret else forms.Textarea
        widget = kind(attrs={**attributes, "rows": 4, "class": "sp-no"})
    elif credential.secret:
        widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    else:
        widget = forms.TextInput(attrs=attributes)
    return forms.CharField(
        label=credential.label,
        # The wallet says what is missing: a key may come as a file.
        required=False,
        initial="" if credential.secret else value,
        help_text=KEPT if credential.secret and is_stored else credential.help,
        widget=widget,
    )


class CredentialsForm(forms.Form):
    """A wallet's own fields, and the products that its platform has granted. Secrets go in and never come out."""

    def __init__(self, data: Any, files: Any, *, backend: type[Wallet], known: WalletAccount | None) -> None:
        super().__init__(data, files)
        self._backend = backend
        stored = read_stored_secrets(known)
        config: Mapping[str, Any] = known.config if known else {}
        for one in backend.credentials:
            value = str(config.get(one.name, ""))
            self.fields[one.name] = _make_field(one, value, is_stored=one.name in stored)
            self.fields[one.name].is_needed = one.required  # type: ignore[attr-defined]
            if one.multiline:
                self.fields[one.name + FILE] = forms.FileField(label=_("or its file"), required=False)
        self.fields["grants"] = forms.MultipleChoiceField(
            label=_("Granted products"),
            choices=[(name, product.label) for name, product in backend.products.items()],
            widget=forms.CheckboxSelectMultiple,
            initial=sorted(backend.granted_products(known.grants if known else "")),
            error_messages={"required": _("Choose at least one: nothing is paid without.")},
        )

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        """A file takes the place of what is pasted."""
        given = super().clean() or {}
        for one in self._backend.credentials:
            file = given.pop(one.name + FILE, None)
            if file is None:
                continue
            content = file.read(MAX_FILE_BYTES + 1)
            try:
                given[one.name] = content.decode("utf-8").strip()
            except UnicodeDecodeError:
                self.add_error(one.name, _("The file is no text in UTF-8: choose the one in PEM form."))
            if len(content) > MAX_FILE_BYTES:
                self.add_error(one.name, _("The file is too large for a key or a certificate."))
        return given

    def get_config(self) -> dict[str, str]:
        """The public credentials, also those that are emptied."""
        return {one.name: self.cleaned_data[one.name] for one in self._backend.credentials if not one.secret}

    @sensitive_variables()
    def get_secrets(self) -> dict[str, str]:
        """The secret credentials that were given: the others stay as they are stored."""
        given = {one.name: self.cleaned_data[one.name] for one in self._backend.credentials if one.secret}
        return {name: value for name, value in given.items() if value}
