"""Another way for a refund that did not reach its payer: a form, and what will happen."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from scanforpay_django.admin.base import display_amount
from scanforpay_django.admin.order_acts import STEP_ERRORS, OrderActs, make_staff_cause
from scanforpay_django.flows.redirect_refund import may_be_redirected, redirect_refund
from scanforpay_django.models import Order, Refund
from scanforpay_django.operations.error_text import describe_to_staff, join_sentences
from scanforpay_django.wallets.base import BankAccount
from scanforpay_django.wallets.registry import find_wallet_class

SENSITIVE = ("number", "holder")
#: the card may be anybody's: neither the store's limit nor the payment says whose
CARD_PERMISSION = "scanforpay.refund_above_limit"


def may_choose_card(request: HttpRequest, refund: Refund) -> bool:
    """Whether the user may send it to a card: with the permission to refund above the limit, and never what the same
    user has requested, so that no refund goes to a card of one person's choice by that person alone.
    """
    is_own = refund.source == Refund.Source.STAFF and refund.actor == make_staff_cause(request).actor
    return request.user.has_perm(CARD_PERMISSION) and not is_own


class RedirectForm(forms.Form):
    """Where the money goes: to a card of the payer, or to the merchant."""

    way = forms.ChoiceField(label=gettext_lazy("The money goes"), widget=forms.RadioSelect)
    bank = forms.ChoiceField(label=gettext_lazy("Bank"), required=False)
    number = forms.CharField(
        label=gettext_lazy("Card number"),
        required=False,
        max_length=32,
        help_text=gettext_lazy(
            "A debit card. The number is sent to the platform encrypted and kept nowhere here."
        ),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    holder = forms.CharField(
        label=gettext_lazy("Name of the card's holder"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, banks: dict[str, Any], **options: Any) -> None:
        super().__init__(*args, **options)
        ways = [Refund.Way.MERCHANT] if not banks else [Refund.Way.PAYER_CARD, Refund.Way.MERCHANT]
        choices = {"way": [(way.value, way.label) for way in ways], "bank": [("", "–"), *banks.items()]}
        for name, offered in choices.items():
            field: Any = self.fields[name]
            field.choices = offered
        if not banks:
            for name in ("bank", *SENSITIVE):
                del self.fields[name]

    def clean_number(self) -> str:
        """Blanks and hyphens are for reading."""
        number = "".join(self.cleaned_data["number"].split()).replace("-", "")
        if number and not (number.isascii() and number.isdecimal()):
            raise forms.ValidationError(_("A card number has digits only."))
        return number

    def clean(self) -> dict[str, Any]:
        """The payer's card has a bank, a number and a holder."""
        cleaned = super().clean() or {}
        if cleaned.get("way") == Refund.Way.PAYER_CARD:
            for name in ("bank", *SENSITIVE):
                if name in self.fields and not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, _("The payer's card needs it."))
        return cleaned

    def make_account(self) -> BankAccount | None:
        """The payer's card; None for the merchant's bank account."""
        found = self.cleaned_data
        if found["way"] == Refund.Way.MERCHANT:
            return None
        return BankAccount(bank=found["bank"], number=found["number"], holder=found["holder"].strip())


class RefundRedirects(OrderActs):
    """Mixed into the orders' admin: the page of another way."""

    def get_urls(self) -> list[Any]:
        """Beside an order's page."""
        return [self.step_path("redirect", self.redirect_view), *super().get_urls()]

    @method_decorator(sensitive_post_parameters(*SENSITIVE))
    def redirect_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The form for the oldest refund that did not reach its payer; sent, it asks the platform to redirect it."""
        if not request.user.has_perm("scanforpay.add_refund"):
            raise PermissionDenied
        order = self.get_own_order(request, pk)
        refunds = order.refunds.select_related("payment__account").order_by("pk")
        refund = next((one for one in refunds if may_be_redirected(one)), None)
        if refund is None:
            messages.error(request, _("No refund of this order can be sent another way."))
            return self.return_to(order)
        backend = find_wallet_class(refund.payment.wallet)
        may_card = may_choose_card(request, refund)
        banks = dict(backend.refund_banks) if backend and may_card else {}
        form = RedirectForm(request.POST if request.method == "POST" else None, banks=banks)
        if form.is_bound and form.is_valid():
            return self._redirect(request, order, refund, form)
        return self._show_form(request, order, refund, form, may_card)

    @sensitive_variables()
    def _redirect(
        self, request: HttpRequest, order: Order, refund: Refund, form: RedirectForm
    ) -> HttpResponse:
        amount = display_amount(refund.amount, refund.currency)
        way = Refund.Way(form.cleaned_data["way"]).label
        did = _("Refund of %(amount)s sent another way: %(way)s") % {"amount": amount, "way": way}
        try:
            redirect_refund(refund, form.make_account(), make_staff_cause(request))
        except STEP_ERRORS as error:
            text = describe_to_staff(error)
            messages.error(request, text)
            self.record_act(request, order, {"act": "redirect", **refund.event_data(), "why": text[:200]})
            did = join_sentences(_("Refund of %(amount)s not sent another way.") % {"amount": amount}, text)
        else:
            messages.success(request, did)
        self.log_change(request, order, did)
        return self.return_to(order)

    def _show_form(
        self, request: HttpRequest, order: Order, refund: Refund, form: RedirectForm, may_card: bool
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Send the refund another way"),
            "opts": self.opts,
            "order": order,
            "order_url": self.order_url(order),
            "refund": refund,
            "form": form,
            "may_card": may_card,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/scanforpay/refund_redirect.html", context)
