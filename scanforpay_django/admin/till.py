"""The till's page: what was sold at a counter code, and the amount that the next customer finds."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from scanforpay_django import clock, money
from scanforpay_django.admin.list_filters import label_wallet
from scanforpay_django.exceptions import RequestRefused
from scanforpay_django.flows.counter_sale import new_attempt, sell_at_till
from scanforpay_django.flows.create_order import OrderContent
from scanforpay_django.models import CounterCode, Order
from scanforpay_django.operations.error_text import describe_error
from scanforpay_django.operations.wire_fields import NUMBER_PATTERN
from scanforpay_django.wire import ANY_WALLET

#: sales that the page shows, of the last day
MOST = 20
A_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Sale:
    """A line of the till's page."""

    order: Order
    # its label
    wallet: Any
    # what the browser says aloud when it is paid
    spoken: str


def list_sales(code: CounterCode) -> list[Sale]:
    """The newest sales of the last 24 hours, at most 20, in one statement."""
    rows = code.sales.filter(created_at__gte=clock.now() - A_DAY).select_related("order")
    language = get_language() or ""
    return [
        Sale(
            order=row.order,
            wallet=label_wallet(row.order.wallet),
            spoken=_("Received %(amount)s.")
            % {"amount": money.display(row.order.amount, row.order.currency, language)},
        )
        for row in rows.order_by("-created_at", "-pk")[:MOST]
    ]


class TillForm(forms.Form):
    """The amount that the next customer finds."""

    amount = forms.CharField(label=gettext_lazy("Amount"), max_length=16)
    title = forms.CharField(label=gettext_lazy("Title"), max_length=100, required=False)
    number = forms.CharField(
        label=gettext_lazy("Number"),
        max_length=32,
        required=False,
        help_text=gettext_lazy("The till's own number of the sale. Empty: one is made."),
    )
    # of one visit of the page: sent twice it makes one order
    attempt = forms.CharField(widget=forms.HiddenInput, max_length=22, required=False)

    def __init__(self, data: Any, *, code: CounterCode) -> None:
        self.code = code
        super().__init__(data, initial={"attempt": new_attempt()})
        self.fields["amount"].widget.attrs.update(inputmode="decimal", autocomplete="off")

    def clean_amount(self) -> int:
        """Minor units of what was typed, e.g. 21.00."""
        try:
            amount = money.to_minor(self.cleaned_data["amount"].strip().replace(",", ""), self.code.paid_in)
        except ValueError as error:
            raise forms.ValidationError(_("Enter an amount like 21.00.")) from error
        if amount <= 0:
            raise forms.ValidationError(_("Enter an amount above 0."))
        return amount

    def clean_number(self) -> str:
        """The order's number: the till's own, or one that is made."""
        number: str = self.cleaned_data["number"]
        if number and not NUMBER_PATTERN.fullmatch(number):
            raise forms.ValidationError(_("Use letters, digits, - and _ only."))
        return number


def sell(form: TillForm, request: HttpRequest) -> bool:
    """Make the order of a valid form. False: it was refused, and the form says why."""
    code, given = form.code, form.cleaned_data
    attempt = given["attempt"] if NUMBER_PATTERN.fullmatch(given["attempt"]) else new_attempt()
    content = OrderContent(
        entry=Order.Entry.COUNTER,
        partner_order_no=given["number"] or f"counter-{attempt}",
        wallet=ANY_WALLET,
        amount=given["amount"],
        currency=code.paid_in,
        title=given["title"] or code.title or code.store.name,
        operator_id=request.user.get_username()[:20],
        terminal_no=code.number,
        notify_url=code.notify_url,
    )
    try:
        sell_at_till(code, content)
    except RequestRefused as error:
        form.add_error(None, describe_error(error))
        return False
    return True
