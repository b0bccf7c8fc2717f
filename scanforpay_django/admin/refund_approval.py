"""The page on which a second person confirms or declines a refund above the store's limit."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scanforpay_django import clock
from scanforpay_django.admin.base import display_amount
from scanforpay_django.admin.order_acts import STEP_ERRORS, make_staff_cause
from scanforpay_django.admin.order_desk import OrderDesk
from scanforpay_django.admin.scope import narrow
from scanforpay_django.flows.approve_refund import approve, decline
from scanforpay_django.flows.carry_out_refund import carry_out
from scanforpay_django.models import RefundApproval
from scanforpay_django.models.database import non_atomic_requests
from scanforpay_django.operations.error_text import describe_to_staff


class DecisionForm(forms.Form):
    """A decision; to decline takes a reason."""

    why = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=80,
        required=False,
        help_text=gettext_lazy("For the timeline; needed to decline."),
    )

    def clean(self) -> dict[str, Any]:
        """The requester reads why the refund is not made."""
        cleaned = super().clean() or {}
        if "_decline" in self.data and not cleaned.get("why"):
            self.add_error("why", _("Say why the refund is declined."))
        return cleaned


class RefundDecision(OrderDesk):
    """Mixed into the orders' admin: ``refund/<request>/approve/``."""

    def get_urls(self) -> list[Any]:
        """Beside the orders' pages."""
        view = non_atomic_requests(self.admin_site.admin_view(self.approve_view))
        found = path("refund/<int:pk>/approve/", view, name="scanforpay_refund_approve")
        return [found, *super().get_urls()]

    def approve_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What is requested, by whom and why; one's own is shown without the buttons."""
        if not request.user.has_perm("scanforpay.approve_refund"):
            raise PermissionDenied
        requests = narrow(request, RefundApproval.objects.select_related("order__store", "order__partner"))
        approval = get_object_or_404(requests.select_related("payment__account"), pk=pk)
        form = DecisionForm(request.POST if request.method == "POST" else None)
        if form.is_bound and form.is_valid():
            return self._decide(request, approval, form.cleaned_data["why"])
        order = approval.order
        is_waiting = approval.state == RefundApproval.State.WAITING
        context = {
            **self.admin_site.each_context(request),
            "title": _("Confirm a refund"),
            "opts": self.opts,
            "order": order,
            "order_url": self.order_url(order),
            "zone": order.store.zone,
            "approval": approval,
            "form": form,
            "is_own": approval.belongs_to(request.user),
            "may_decide": is_waiting
            and not approval.belongs_to(request.user)
            and approval.decide_until > clock.now(),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/scanforpay/refund_approve.html", context)

    def _decide(self, request: HttpRequest, approval: RefundApproval, why: str) -> HttpResponse:
        order, cause = approval.order, make_staff_cause(request)
        names = {
            "amount": display_amount(approval.amount, approval.currency),
            "name": approval.requested_by,
            "reason": why,
        }
        try:
            if "_approve" in request.POST:
                refund = approve(approval, user=request.user, cause=cause)
                text = _("Approved the refund of %(amount)s that %(name)s requested.") % names
                self.log_change(request, order, text)
                self.tell_of_refund(request, order, carry_out(refund))
            elif "_decline" in request.POST:
                decline(approval, user=request.user, cause=cause, why=why)
                text = _("Declined the refund of %(amount)s that %(name)s requested: %(reason)s") % names
                messages.info(request, text)
                self.log_change(request, order, text)
        except STEP_ERRORS as error:
            messages.error(request, describe_to_staff(error))
        return self.return_to(order)
