"""What staff do with an order beside refunding it: close it, ask its platform, resend, accept a late payment.

Each is a flow; each leaves a line in the order's timeline and an entry in Django's history of it.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from scanforpay_django.admin.base import ModelAdmin, display_amount
from scanforpay_django.admin.order_page import make_reader
from scanforpay_django.exceptions import ScanForPayError
from scanforpay_django.flows.accept_late import accept_late_payment, may_be_accepted
from scanforpay_django.flows.close_order import close_order
from scanforpay_django.flows.query_platform import query_payment, query_payment_throttled
from scanforpay_django.merchant_notify.outbox import resend
from scanforpay_django.models import Cause, Order, Payment, Source
from scanforpay_django.models.cause import MAX_ACTOR_LENGTH
from scanforpay_django.models.database import atomic, non_atomic_requests
from scanforpay_django.operations.error_text import describe_to_staff, join_sentences
from scanforpay_django.operations.order_story import load_rows
from scanforpay_django.operations.order_story.acts import find_resendable

# What a step may fail with: said to staff, and nothing is lost by it.
STEP_ERRORS = (ScanForPayError, ImproperlyConfigured)


def make_staff_cause(request: HttpRequest) -> Cause:
    """The signed-in user, for the timeline."""
    return Cause(source=Source.STAFF, actor=request.user.get_username()[:MAX_ACTOR_LENGTH])


class ReasonForm(forms.Form):
    """Why something is done."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=80, help_text=gettext_lazy("For the timeline.")
    )


class OrderActs(ModelAdmin):
    """Mixed into the orders' admin: the buttons of an order's page."""

    def get_urls(self) -> list[Any]:
        """Beside an order's page."""
        steps = (
            ("close", self.close_view),
            ("ask", self.ask_view),
            ("resend", self.resend_view),
            ("accept", self.accept_view),
        )
        return [*(self.step_path(name, view) for name, view in steps), *super().get_urls()]

    def step_path(self, name: str, view: Any) -> Any:
        """``<order>/<name>/``: a view that opens its own transactions, for it may call a platform."""
        wrapped = non_atomic_requests(self.admin_site.admin_view(view))
        return path(f"<int:pk>/{name}/", wrapped, name=f"scanforpay_order_{name}")

    def close_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Close at the platform, then here; "paid" wins."""
        self.check_step(request, "close_order")
        order = self.get_own_order(request, pk)
        self.close_one(request, order)
        return self._end_step(request, order)

    def close_one(self, request: HttpRequest, order: Order) -> bool | None:
        """Whether it is closed now; None where that failed, which stands in the timeline."""
        try:
            closed = close_order(order, make_staff_cause(request))
        except STEP_ERRORS as error:
            self._fail(request, order, "close", error, _("Did not close the order."))
            return None
        if closed.state != Order.State.CLOSED:
            self.record_act(request, order, {"act": "close"})
        self._log_step(request, order, _("Closed the order."))
        return closed.state == Order.State.CLOSED

    def ask_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask about every attempt that is not finished, now."""
        self.check_step(request, "change_order")
        order = self.get_own_order(request, pk)
        self.ask_one(request, order)
        return self._end_step(request, order)

    def ask_one(self, request: HttpRequest, order: Order) -> bool | None:
        """Whether there was an attempt to ask about; None where that failed, which stands in the timeline."""
        unfinished = list(order.payments.unfinished().select_related("account", "order"))
        try:
            for payment in unfinished:
                # A barcode payment may be in the middle of its reversal: see reverse_barcode.
                (query_payment_throttled if order.entry == Order.Entry.BARCODE else query_payment)(payment)
        except STEP_ERRORS as error:
            self._fail(request, order, "ask", error, _("Could not ask the platform."))
            return None
        if unfinished:
            self.record_act(request, order, {"act": "ask"})
            self._log_step(request, order, _("Asked the platform."))
        return bool(unfinished)

    def resend_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Put what the shop has not acknowledged back into the queue, or the notification of the payment."""
        self.check_step(request, "resend_notification")
        order = self.get_own_order(request, pk)
        sent = self.resend_one(request, order)
        text = ngettext("%d notification will be resent.", "%d notifications will be resent.", sent) % sent
        messages.add_message(request, messages.SUCCESS if sent else messages.WARNING, text)
        return self.return_to(order)

    def resend_one(self, request: HttpRequest, order: Order) -> int:
        """How many of the order's notifications will be resent."""
        sent = 0
        for notification in find_resendable(load_rows(order, make_reader(request))):
            with atomic():
                if resend(notification):
                    sent += 1
                    order.record_event(
                        make_staff_cause(request), {"act": "resend", "message": notification.message_id}
                    )
        if sent:
            text = ngettext("%d notification will be resent.", "%d notifications will be resent.", sent)
            self.log_change(request, order, text % sent)
        return sent

    def accept_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A payment that came after the order's end pays it after all; what will happen is said first."""
        if not request.user.has_perm("scanforpay.accept_late"):
            raise PermissionDenied
        order = self.get_own_order(request, pk)
        late = [one for one in order.payments.select_related("account") if _is_acceptable(order, one)]
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if form.is_bound and form.is_valid():
            return self._accept(request, order, late, form.cleaned_data["reason"])
        context = {
            **self.admin_site.each_context(request),
            "title": _("Accept the late payment"),
            "opts": self.opts,
            "order": order,
            "order_url": self.order_url(order),
            "payment": late[0] if late else None,
            "form": form,
            "zone": order.store.zone,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/scanforpay/accept_late.html", context)

    def _accept(self, request: HttpRequest, order: Order, late: list[Payment], reason: str) -> HttpResponse:
        try:
            if not late:
                messages.error(request, _("The payment cannot be accepted any more."))
            else:
                accept_late_payment(late[0], make_staff_cause(request), reason=reason)
                amount = display_amount(late[0].paid_amount, late[0].paid_currency)
                names = {"amount": amount, "reason": reason}
                text = _("Accepted the late payment of %(amount)s: %(reason)s") % names
                messages.success(request, text)
                self.log_change(request, order, text)
        except STEP_ERRORS as error:
            messages.error(request, describe_to_staff(error))
        return self.return_to(order)

    def check_step(self, request: HttpRequest, permission: str) -> None:
        """A button's request. Raises PermissionDenied."""
        if request.method != "POST" or not request.user.has_perm(f"scanforpay.{permission}"):
            raise PermissionDenied

    def get_own_order(self, request: HttpRequest, pk: int) -> Order:
        """Raises Http404, also for an order that is not this user's."""
        orders: Any = self.get_queryset(request).select_related("store", "partner")
        order: Order = get_object_or_404(orders, pk=pk)
        return order

    def record_act(self, request: HttpRequest, order: Order, data: dict[str, Any]) -> None:
        """A line of the timeline, with the order's state as it is now."""
        order.refresh_from_db()
        with atomic():
            order.record_event(make_staff_cause(request), data)

    def _fail(self, request: HttpRequest, order: Order, act: str, error: Exception, did: str) -> None:
        text = describe_to_staff(error)
        messages.error(request, f"{order.partner_order_no}: {text}")
        self.record_act(request, order, {"act": act, "why": text[:200]})
        self.log_change(request, order, join_sentences(did, text))

    def _log_step(self, request: HttpRequest, order: Order, did: str) -> None:
        order.refresh_from_db()
        self.log_change(request, order, join_sentences(did, _describe_state(order)))

    def _end_step(self, request: HttpRequest, order: Order) -> HttpResponse:
        order.refresh_from_db()
        messages.info(request, _describe_state(order))
        return self.return_to(order)

    def return_to(self, order: Order) -> HttpResponse:
        """Back to the order's page."""
        return HttpResponseRedirect(self.order_url(order))

    def order_url(self, order: Order) -> str:
        """The order's page on this admin site."""
        here = self.admin_site.name
        return reverse("admin:scanforpay_order_change", args=[order.pk], current_app=here)


def _describe_state(order: Order) -> str:
    return _("The order is now: %s") % order.get_state_display()


def _is_acceptable(order: Order, payment: Payment) -> bool:
    return may_be_accepted(order, payment, list(payment.refunds.all()))
