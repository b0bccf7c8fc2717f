"""Orders with their payments and timeline; flags that need a person. Nothing of it is edited by hand."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scanforpay_django.admin.base import ModelAdmin, display_amount
from scanforpay_django.admin.bulk_acts import BulkActs
from scanforpay_django.admin.large_list import LargeList
from scanforpay_django.admin.list_filters import WalletFilter
from scanforpay_django.admin.number_search import NumberSearch
from scanforpay_django.admin.order_acts import make_staff_cause
from scanforpay_django.admin.order_export import OrderExport
from scanforpay_django.admin.order_list import OrderList
from scanforpay_django.admin.order_page import OrderPage
from scanforpay_django.admin.payment_link import PaymentLinks
from scanforpay_django.admin.refund_approval import RefundDecision
from scanforpay_django.admin.refund_redirect import RefundRedirects
from scanforpay_django.flows.clear_flag import clear_flag
from scanforpay_django.models import Flag, Payment, Refund


class OrderAdmin(PaymentLinks, OrderExport, BulkActs, OrderPage, RefundRedirects, RefundDecision, OrderList):
    """Orders: their list, and the page of each with its story."""


class FlagAdmin(LargeList, ModelAdmin):
    """Flags: staff clear them, with a reason and in their own name."""

    list_display = ["order", "kind", "raised_at", "cleared_at", "cleared_by"]
    list_filter = ["kind", ("cleared_at", admin.EmptyFieldListFilter)]
    fields = ["order", "kind", "what_to_do", "details", "raised_at", "cleared_at", "cleared_by", "reason"]
    list_select_related = ["order"]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Staff may be in another database: no JOIN leads there."""
        return super().get_queryset(request).prefetch_related("cleared_by")

    @admin.display(description=_("what to do"))
    def what_to_do(self, obj: Flag) -> Any:
        """Advice by the flag's kind."""
        return obj.advice

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Everything but the reason, and that too once it is given."""
        fixed = self.fields[:-1]
        return [*fixed, "reason"] if obj and obj.cleared_at else fixed

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Flags are raised by what happens."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Once: who cleared it, when and why stays."""
        # A refund that waits for a second person is decided on a page of its own.
        is_request = obj is not None and obj.kind == Flag.Kind.REFUND_APPROVAL
        return (obj is None or (obj.cleared_at is None and not is_request)) and super().has_change_permission(
            request, obj
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Flags are cleared, not deleted."""
        return False

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """No clearing without a reason."""
        form = super().get_form(request, obj, change, **kwargs)
        if "reason" in form.base_fields:
            form.base_fields["reason"].required = True
        return form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Clear the flag in the name of the signed-in user, once; the order's history says so too."""
        reason = form.cleaned_data["reason"]
        if clear_flag(obj, make_staff_cause(request), user=request.user, reason=reason):
            names = {"flag": obj.get_kind_display(), "reason": reason}
            text = gettext("Cleared the flag “%(flag)s”: %(reason)s") % names
            self.log_change(request, obj.order, text)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Back to the order, for those who may see it."""
        answer = super().response_change(request, obj)
        is_done = request.user.has_perm("scanforpay.view_order") and "_continue" not in request.POST
        if not is_done:
            return answer
        here = self.admin_site.name
        return HttpResponseRedirect(
            reverse("admin:scanforpay_order_change", args=[obj.order_id], current_app=here)
        )


class PaymentAdmin(LargeList, NumberSearch):
    """Payments: every attempt at a platform, paid or not."""

    list_display = ["out_trade_no", "order", "wallet", "state", "trade_no", "created_at"]
    list_filter = ["state", WalletFilter, "is_unapplied"]
    list_select_related = ["order"]
    fields = [
        "order", "account", "wallet", "product", "state", "money", "paid", "refunded", "reserved", "is_applied",
        "is_unapplied", "out_trade_no", "trade_no", "payer_id", "buyer", "created_at", "expires_at", "paid_at",
        "queried_at", "next_query_at",
    ]  # fmt: skip
    readonly_fields = ["money", "paid", "refunded", "reserved"]

    @admin.display(description=_("amount"))
    def money(self, obj: Payment) -> str:
        """The amount that was requested, with its currency."""
        return display_amount(obj.amount, obj.currency)

    @admin.display(description=_("paid amount"))
    def paid(self, obj: Payment) -> str:
        """The amount that arrived; "" before that."""
        return display_amount(obj.paid_amount, obj.paid_currency)

    @admin.display(description=_("refunded amount"))
    def refunded(self, obj: Payment) -> str:
        """What was refunded so far."""
        return display_amount(obj.refunded_amount, obj.paid_currency or obj.currency)

    @admin.display(description=_("reserved for refunds"))
    def reserved(self, obj: Payment) -> str:
        """What refunds under way will take."""
        return display_amount(obj.reserved_amount, obj.paid_currency or obj.currency)


class RefundAdmin(LargeList, NumberSearch):
    """Refunds: requested by merchants or staff, automatic, or made at the platform."""

    list_display = [
        "refund_no", "out_refund_no", "order", "money", "kind", "source", "state", "created_at", "finished_at",
    ]  # fmt: skip
    fields = [
        "order", "payment", "kind", "source", "actor", "reason", "money", "state", "platform_code", "refund_no",
        "out_refund_no", "refund_id", "operator_id", "terminal_no", "created_at", "sent_at", "finished_at", "next_at",
    ]  # fmt: skip
    readonly_fields = ["money"]
    list_filter = ["state", "kind", "source"]
    list_select_related = ["order"]

    @admin.display(description=_("amount"), ordering="amount")
    def money(self, obj: Refund) -> str:
        """The amount with its currency."""
        return display_amount(obj.amount, obj.currency)
