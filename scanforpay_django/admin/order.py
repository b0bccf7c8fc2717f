"""Orders with their payments and timeline; flags that need a person. Nothing of it is edited by hand."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from scanforpay_django.admin.base import (
    ModelAdmin,
    ReadOnlyInline,
    display_amount,
    warn_of_clocks,
)
from scanforpay_django.admin.large_list import LargeList
from scanforpay_django.admin.list_filters import (
    CreatedFilter,
    FlagKindFilter,
    OrderWalletFilter,
    StoreFilter,
    WalletFilter,
)
from scanforpay_django.admin.number_search import NumberSearch
from scanforpay_django.admin.order_desk import OrderDesk
from scanforpay_django.admin.order_event import EventInline
from scanforpay_django.models import Flag, HandlerCall, Notification, Order, Payment, Refund


class PaymentInline(ReadOnlyInline):
    """The order's attempts at platforms."""

    model = Payment
    fields = [
        "out_trade_no",
        "state",
        "money",
        "paid",
        "trade_no",
        "role",
        "paid_at",
    ]
    readonly_fields = ["money", "paid", "role"]

    @admin.display(description=_("role"))
    def role(self, obj: Payment) -> Any:
        """Whether it paid its order, or is money to be refunded."""
        if obj.is_applied:
            return _("applied to the order")
        return _("unapplied") if obj.is_unapplied else ""

    @admin.display(description=_("amount"))
    def money(self, obj: Payment) -> str:
        """What was asked for."""
        return display_amount(obj.amount, obj.currency)

    @admin.display(description=_("received"))
    def paid(self, obj: Payment) -> str:
        """The amount that arrived; empty before that."""
        return display_amount(obj.paid_amount, obj.paid_currency)


class FlagInline(ReadOnlyInline):
    """What about the order needs a person, and what that person does."""

    model = Flag
    fields = ["kind", "what_to_do", "details", "raised_at", "cleared_at", "cleared_by", "why"]
    readonly_fields = ["what_to_do", "why"]

    @admin.display(description=_("what to do"))
    def what_to_do(self, obj: Flag) -> Any:
        """Advice by the flag's kind; nothing more is to be done about one that is cleared."""
        return "" if obj.cleared_at else obj.advice

    @admin.display(description=_("reason"))
    def why(self, obj: Flag) -> str:
        """Why it was cleared."""
        return obj.reason_shown


class RefundInline(ReadOnlyInline):
    """Money on its way back."""

    model = Refund
    fields = [
        "refund_no",
        "out_refund_no",
        "kind",
        "source",
        "money",
        "state",
        "platform_code",
        "created_at",
        "finished_at",
    ]
    readonly_fields = ["money"]

    @admin.display(description=_("amount"))
    def money(self, obj: Refund) -> str:
        """The refund's amount with its currency."""
        return display_amount(obj.amount, obj.currency)


class NotificationInline(ReadOnlyInline):
    """The merchant notifications about the order."""

    model = Notification
    fields = ["kind", "url", "state", "attempt_count", "next_at", "delivered_at"]


class HandlerCallInline(ReadOnlyInline):
    """The project's own functions that are called for the order."""

    model = HandlerCall
    fields = ["handler", "event", "state", "attempt_count", "next_at", "finished_at", "why"]
    readonly_fields = ["why"]

    @admin.display(description=_("last error"))
    def why(self, obj: HandlerCall) -> str:
        """The traceback's last line; the row's own page has all of it."""
        return obj.last_error.strip().rpartition("\n")[2]


@admin.register(Order)
class OrderAdmin(OrderDesk, LargeList, NumberSearch):
    """Orders with their payments, refunds, notifications and timeline."""

    list_display = [
        "order_no",
        "partner_order_no",
        "money",
        "state_shown",
        "wallet",
        "store",
        "created_at",
        "paid_at",
    ]
    # No date_hierarchy: it reads every row for the first and the last day, and sorts them for those between.
    list_filter = ["state", CreatedFilter, OrderWalletFilter, StoreFilter, FlagKindFilter]
    order_path = "pk"
    list_select_related = ["store"]
    inlines = [FlagInline, PaymentInline, RefundInline, NotificationInline, HandlerCallInline, EventInline]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "order_no",
                    "partner_order_no",
                    "partner",
                    "store",
                    "money",
                    "state_shown",
                    "wallet",
                ]
            },
        ),
        (
            _("Merchant's request"),
            {"fields": ["title", "entry", "operator_id", "terminal_no", "notify_url", "return_url"]},
        ),
        (_("Times"), {"fields": ["created_at", "expires_at", "paid_at", "returned_at"]}),
    ]
    readonly_fields = ["money", "state_shown"]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """The list, below what keeps orders from ending."""
        warn_of_clocks(request)
        return super().changelist_view(request, extra_context)

    @admin.display(description=_("amount"), ordering="amount")
    def money(self, obj: Order) -> str:
        """The amount, and what of it was refunded."""
        text = display_amount(obj.amount, obj.currency)
        return (
            f"{text} (−{display_amount(obj.refunded_amount, obj.currency)})" if obj.refunded_amount else text
        )

    @admin.display(description=_("state"), ordering="state")
    def state_shown(self, obj: Order) -> str:
        """The state in its colour."""
        colours = {"paid": "#0a7a3c", "pending": "#8a5300", "refunded": "#3f51b5"}
        return format_html(
            '<strong style="color:{}">{}</strong>', colours.get(obj.state, "#5c6370"), obj.get_state_display()
        )


@admin.register(Flag)
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
        return (obj is None or obj.cleared_at is None) and super().has_change_permission(request, obj)

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
        """Clear the flag in the name of the signed-in user."""
        obj.cleared_at, obj.cleared_by = timezone.now(), request.user
        super().save_model(request, obj, form, change)


@admin.register(Payment)
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


@admin.register(Refund)
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
