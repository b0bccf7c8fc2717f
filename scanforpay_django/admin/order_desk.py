"""The page that refunds an order: how much, why, what will happen, and what went back until now."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scanforpay_django import money
from scanforpay_django.admin.base import display_amount
from scanforpay_django.admin.order_acts import STEP_ERRORS, OrderActs, make_staff_cause
from scanforpay_django.admin.order_page import make_reader
from scanforpay_django.flows.approve_refund import request_approval
from scanforpay_django.flows.carry_out_refund import carry_out
from scanforpay_django.flows.refund_order import RequestedRefund, request_refund
from scanforpay_django.flows.refund_rules import sum_staff_refunds
from scanforpay_django.flows.refund_unapplied import refund_unapplied
from scanforpay_django.models import Cause, Order, Payment, Refund
from scanforpay_django.operations.error_text import describe_refund_failure, describe_to_staff, join_sentences
from scanforpay_django.operations.order_story import load_rows
from scanforpay_django.operations.order_story.acts import find_retryable
from scanforpay_django.operations.order_story.money_back import get_left
from scanforpay_django.operations.order_story.words import say_wallet

MAX_REASON_LENGTH = 80
#: of an order's refunds, on its refund page
MAX_SHOWN = 50


class RefundForm(forms.Form):
    """How much is refunded, and why."""

    amount = forms.CharField(
        label=gettext_lazy("Amount"), max_length=20, widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=MAX_REASON_LENGTH,
        help_text=gettext_lazy("For the timeline; the platform may show it to the customer."),
    )

    # the newest refund when the page was made: a form that is sent twice is one requested
    newest = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any, *, order: Order, left: int, most: int | None, newest: int) -> None:
        """``most``: what the store's limit leaves to this user alone, in minor units; None: no limit."""
        self.order, self.most = order, most
        # What is offered first can be done without a second person, where anything can.
        offered = min(left, most) if most else left
        initial = {"amount": money.to_major(max(0, offered), order.currency), "newest": newest}
        super().__init__(data, initial=initial)

    def clean_amount(self) -> int:
        """Minor units of what was typed, e.g. 21.00."""
        try:
            amount = money.to_minor(self.cleaned_data["amount"].strip(), self.order.currency)
        except ValueError as error:
            raise forms.ValidationError(_("Enter an amount like 21.00.")) from error
        if not 0 < amount <= self.order.amount:
            raise forms.ValidationError(_("Enter an amount above 0 and at most what was paid."))
        return amount

    def needs_second_person(self) -> bool:
        """Whether it is above what the user may refund alone."""
        return self.most is not None and self.cleaned_data["amount"] > self.most


class OrderDesk(OrderActs):
    """Mixed into the orders' admin: the page that refunds an order."""

    def get_urls(self) -> list[Any]:
        """Beside an order's page."""
        steps = (("refund", self.refund_view), ("retry", self.retry_view))
        return [*(self.step_path(name, view) for name, view in steps), *super().get_urls()]

    def refund_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Refund the order in part or in full; refund an unapplied payment in one step."""
        if not request.user.has_perm("scanforpay.add_refund"):
            raise PermissionDenied
        order = self.get_own_order(request, pk)
        if request.method == "POST" and "_return" in request.POST:
            return self._return_payment(request, order)
        paid = list(order.payments.filter(state=Payment.State.PAID).select_related("account__store"))
        refunds = list(order.refunds.order_by("-pk")[:MAX_SHOWN])
        form = self._make_form(request, order, paid, refunds)
        if form.is_bound and form.is_valid():
            return self._refund_order(request, order, form)
        return self._refund_page(request, order, form, paid, refunds)

    def retry_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send the newest refund anew after it failed, e.g. when the account has been topped up. The merchant's keeps
        its number; above the store's limit the refund page is the way.
        """
        self.check_step(request, "add_refund")
        order = self.get_own_order(request, pk)
        failed = find_retryable(load_rows(order, make_reader(request)))
        if failed is None:
            messages.error(request, _("There is no refund that could be sent again."))
            return self.return_to(order)
        limit = _find_limit(request, order, order.currency)
        return self._carry_out(
            request,
            order,
            lambda cause: request_refund(
                order,
                RequestedRefund(
                    refund_no=failed.refund_no,
                    amount=failed.amount,
                    reason=failed.reason,
                    cause=cause,
                    newest=failed.pk,
                    staff_limit=limit,
                ),
            ),
        )

    def _make_form(
        self, request: HttpRequest, order: Order, paid: list[Payment], refunds: list[Refund]
    ) -> RefundForm:
        limit = _find_limit(request, order, order.currency)
        return RefundForm(
            request.POST if "_refund" in request.POST else None,
            order=order,
            left=next((get_left(one) for one in paid if one.is_applied), 0),
            most=None if limit is None else max(0, limit - sum_staff_refunds(order)),
            newest=refunds[0].pk if refunds else 0,
        )

    def _refund_order(self, request: HttpRequest, order: Order, form: RefundForm) -> HttpResponse:
        fields = form.cleaned_data
        if form.needs_second_person():
            return self._ask_second_person(request, order, fields["amount"], fields["reason"])
        limit = _find_limit(request, order, order.currency)
        return self._carry_out(
            request,
            order,
            lambda cause: request_refund(
                order, RequestedRefund(refund_no="", cause=cause, staff_limit=limit, **fields)
            ),
        )

    def _return_payment(self, request: HttpRequest, order: Order) -> HttpResponse:
        """All that is left of an unapplied payment."""
        try:
            payment = get_object_or_404(
                Payment.objects.select_related("account"), pk=request.POST["_return"], order=order
            )
        except ValueError as error:
            raise Http404 from error
        reason = request.POST.get("reason", "").replace("\0", "")[:MAX_REASON_LENGTH]
        limit = _find_limit(request, order, payment.paid_currency)
        is_free = payment.state == Payment.State.PAID and not payment.is_applied
        if is_free and limit is not None and get_left(payment) > max(0, limit - sum_staff_refunds(order)):
            return self._ask_second_person(request, order, get_left(payment), reason, payment)
        return self._carry_out(
            request,
            order,
            lambda cause: refund_unapplied(payment, cause, reason=reason, staff_limit=limit),
        )

    def _ask_second_person(
        self, request: HttpRequest, order: Order, amount: int, reason: str, payment: Payment | None = None
    ) -> HttpResponse:
        """Above the limit it waits until somebody else confirms it."""
        try:
            approval = request_approval(
                order, amount=amount, reason=reason, user=request.user, cause=make_staff_cause(request),
                payment=payment,
            )  # fmt: skip
        except STEP_ERRORS as error:
            messages.error(request, describe_to_staff(error))
        else:
            names = {"amount": display_amount(approval.amount, approval.currency), "reason": reason or "–"}
            text = _("The refund of %(amount)s waits for a second person: %(reason)s") % names
            messages.warning(request, text)
            self.log_change(request, order, text)
        return self.return_to(order)

    def _carry_out(self, request: HttpRequest, order: Order, step: Callable[[Cause], Refund]) -> HttpResponse:
        """Committed first, then the platform is asked; what stays open is followed by the worker."""
        try:
            refund = carry_out(step(make_staff_cause(request)))
        except STEP_ERRORS as error:
            messages.error(request, describe_to_staff(error))
        else:
            self.tell_of_refund(request, order, refund)
        return self.return_to(order)

    def tell_of_refund(self, request: HttpRequest, order: Order, refund: Refund) -> None:
        """To who has made it, and to the order's history."""
        names = {
            "amount": display_amount(refund.amount, refund.currency),
            "reason": refund.reason or "–",
            "state": refund.get_state_display(),
        }
        text = _("Refund of %(amount)s requested: %(reason)s. It is now: %(state)s") % names
        self.log_change(request, order, text)
        failure = describe_refund_failure(refund)
        level = messages.ERROR if refund.state == Refund.State.FAILED else messages.SUCCESS
        shown = f"{names['amount']}: {names['state']}"
        messages.add_message(request, level, join_sentences(shown, failure) if failure else shown)

    def _refund_page(
        self, request: HttpRequest, order: Order, form: RefundForm, paid: list[Payment], refunds: list[Refund]
    ) -> HttpResponse:
        applied = next((one for one in paid if one.is_applied), None)
        can_refund = applied is not None and order.state == Order.State.PAID and get_left(applied) > 0
        context = {
            **self.admin_site.each_context(request),
            "title": _("Refund"),
            "opts": self.opts,
            "order": order,
            "order_url": self.order_url(order),
            "zone": order.store.zone,
            "unapplied": [
                {"row": one, "left": get_left(one), "wallet": say_wallet(one)}
                for one in paid
                if not one.is_applied and get_left(one) > 0
            ],
            "refunds": refunds,
            "form": form if can_refund else None,
            "left": get_left(applied) if applied else 0,
            "wallet": say_wallet(applied) if applied else "",
            "waits": order.refund_approvals.filter(state="waiting").first(),
            "tells_shop": bool(order.notify_url) and order.partner.notify_refunds,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/scanforpay/refund.html", context)


def _find_limit(request: HttpRequest, order: Order, currency: str) -> int | None:
    """What the user may refund of the order in all, in minor units; None: no limit. Another currency than the store's
    cannot be compared with its limit, and counts as above it.
    """
    store = order.store
    if store.refund_limit is None or request.user.has_perm("scanforpay.refund_above_limit"):
        return None
    return store.refund_limit if currency == store.currency else 0
