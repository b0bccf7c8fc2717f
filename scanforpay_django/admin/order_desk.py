"""What staff do with an order: give money back, close it, ask its platform now. Each is a flow."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scanforpay_django import money
from scanforpay_django.admin.base import ModelAdmin, display_amount
from scanforpay_django.exceptions import ScanForPayError
from scanforpay_django.flows.carry_out_refund import carry_out
from scanforpay_django.flows.close_order import close_order
from scanforpay_django.flows.query_platform import query_payment, query_payment_throttled
from scanforpay_django.flows.refund_order import RequestedRefund, request_refund
from scanforpay_django.flows.refund_unapplied import refund_unapplied
from scanforpay_django.models import Cause, Order, Payment, Refund, Source
from scanforpay_django.models.database import non_atomic_requests
from scanforpay_django.operations.error_text import describe_refund_failure, describe_to_staff

# What a step may fail with: said to staff, and nothing is lost by it.
STEP_ERRORS = (ScanForPayError, ImproperlyConfigured)


class RefundForm(forms.Form):
    """How much is refunded, and why."""

    amount = forms.CharField(label=gettext_lazy("Amount"), max_length=20)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=80,
        help_text=gettext_lazy("For the timeline; the platform may show it to the customer."),
    )

    # the newest refund when the page was made: a form that is sent twice is one requested
    newest = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any, *, order: Order) -> None:
        self.order = order
        left = money.to_major(order.amount - order.refunded_amount, order.currency)
        newest = order.refunds.aggregate(newest=Max("pk"))["newest"] or 0
        super().__init__(data, initial={"amount": left, "newest": newest})

    def clean_amount(self) -> int:
        """Minor units of what was typed, e.g. 21.00."""
        try:
            amount = money.to_minor(self.cleaned_data["amount"].strip(), self.order.currency)
        except ValueError as error:
            raise forms.ValidationError(_("Enter an amount like 21.00.")) from error
        if not 0 < amount <= self.order.amount:
            raise forms.ValidationError(_("Enter an amount above 0 and at most what was paid."))
        return amount


class OrderDesk(ModelAdmin):
    """Mixed into the orders' admin: three pages and the buttons that lead to them."""

    change_form_template = "admin/scanforpay/order_change.html"

    def get_urls(self) -> list[Any]:
        """Beside an order's page."""
        steps = (("refund", self.refund_view), ("close", self.close_view), ("ask", self.ask_view))
        views = [
            path(
                f"<int:pk>/{name}/",
                non_atomic_requests(self.admin_site.admin_view(view)),
                name=f"scanforpay_order_{name}",
            )
            for name, view in steps
        ]
        return [*views, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page, with the steps that this user may take."""
        extra = {
            **(extra_context or {}),
            "may_refund": request.user.has_perm("scanforpay.add_refund"),
            "may_change": request.user.has_perm("scanforpay.change_order"),
        }
        return super().change_view(request, object_id, form_url, extra)

    def refund_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Refund the order in part or in full; refund an unapplied payment in one step."""
        if not request.user.has_perm("scanforpay.add_refund"):
            raise PermissionDenied
        order = get_object_or_404(Order.objects.select_related("store", "partner"), pk=pk)
        form = RefundForm(request.POST if "_refund" in request.POST else None, order=order)
        if request.method == "POST" and "_return" in request.POST:
            try:
                payment = get_object_or_404(Payment, pk=request.POST["_return"], order=order)
            except ValueError as error:
                raise Http404 from error
            return self._carry_out(request, order, lambda cause: refund_unapplied(payment, cause))
        if form.is_bound and form.is_valid():
            fields = form.cleaned_data
            return self._carry_out(
                request,
                order,
                lambda cause: request_refund(order, RequestedRefund(refund_no="", cause=cause, **fields)),
            )
        return self._refund_page(request, order, form)

    def _carry_out(self, request: HttpRequest, order: Order, step: Any) -> HttpResponse:
        """Committed first, then the platform is asked; what stays open is followed by the worker."""
        try:
            refund = carry_out(step(_staff_cause(request)))
        except STEP_ERRORS as error:
            messages.error(request, describe_to_staff(error))
        else:
            level = messages.ERROR if refund.state == Refund.State.FAILED else messages.SUCCESS
            text = f"{display_amount(refund.amount, refund.currency)}: {refund.get_state_display()}"
            text = " ".join(filter(None, (text, describe_refund_failure(refund))))
            messages.add_message(request, level, text)
        return self._back(order)

    def _refund_page(self, request: HttpRequest, order: Order, form: RefundForm) -> HttpResponse:
        paid = order.payments.filter(state=Payment.State.PAID).select_related("account__store")
        rows = [
            {
                "payment": payment,
                "received": display_amount(payment.paid_amount, payment.paid_currency),
                "left": display_amount(_left(payment), payment.paid_currency),
                "may_return": _left(payment) > 0 and not payment.is_applied,
            }
            for payment in paid
        ]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Refund"),
            "opts": self.opts,
            "order": order,
            "order_url": reverse("admin:scanforpay_order_change", args=[order.pk]),
            "rows": rows,
            "form": form if order.state == Order.State.PAID else None,
        }
        return TemplateResponse(request, "admin/scanforpay/refund.html", context)

    def close_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Close at the platform, then here; "paid" wins."""
        return self._step(request, pk, lambda order: close_order(order, _staff_cause(request)))

    def ask_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask about every attempt that is not finished, now."""

        def ask_all(order: Order) -> None:
            unfinished = order.payments.unfinished()
            for payment in unfinished.select_related("account", "order"):
                # A barcode payment may be in the middle of its reversal: see reverse_barcode.
                (query_payment_throttled if order.entry == Order.Entry.BARCODE else query_payment)(payment)

        return self._step(request, pk, ask_all)

    def _step(self, request: HttpRequest, pk: int, step: Any) -> HttpResponse:
        if request.method != "POST" or not request.user.has_perm("scanforpay.change_order"):
            raise PermissionDenied
        order = get_object_or_404(Order.objects.select_related("store", "partner"), pk=pk)
        try:
            step(order)
        except STEP_ERRORS as error:
            messages.error(request, describe_to_staff(error))
        order.refresh_from_db()
        messages.info(request, _("The order is now: %s") % order.get_state_display())
        return self._back(order)

    def _back(self, order: Order) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:scanforpay_order_change", args=[order.pk]))


def _staff_cause(request: HttpRequest) -> Cause:
    return Cause(source=Source.STAFF, actor=request.user.get_username())


def _left(payment: Payment) -> int:
    return (payment.paid_amount or 0) - payment.refunded_amount - payment.reserved_amount
