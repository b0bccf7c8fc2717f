"""Payment links: staff make an order by hand, and send its address or show its code."""

from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import segno
from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scanforpay_django import clock, money
from scanforpay_django.admin.base import ModelAdmin
from scanforpay_django.admin.card_answer import answer_pdf
from scanforpay_django.admin.list_filters import label_wallet
from scanforpay_django.admin.scope import narrow
from scanforpay_django.conf import MAX_LIFETIME_SECONDS, MIN_LIFETIME_SECONDS
from scanforpay_django.exceptions import RequestRefused
from scanforpay_django.flows.counter_sale import new_attempt
from scanforpay_django.flows.create_order import OrderContent, create_order
from scanforpay_django.models import Order, Store
from scanforpay_django.models.database import atomic, non_atomic_requests
from scanforpay_django.operations.error_text import describe_error
from scanforpay_django.operations.printed_card import lay_out_order
from scanforpay_django.operations.wire_fields import NUMBER_PATTERN
from scanforpay_django.page_address import page_address
from scanforpay_django.wallets.registry import wallet_classes
from scanforpay_django.wire import ANY_WALLET

MAY_MAKE = "scanforpay.add_order"
TODAY = "today"
LIFETIMES = (
    ("900", gettext_lazy("for 15 minutes")),
    ("7200", gettext_lazy("for 2 hours")),
    (TODAY, gettext_lazy("until the end of today")),
    ("604800", gettext_lazy("for 7 days")),
)


def _wallets() -> list[tuple[str, Any]]:
    names = dict.fromkeys(backend.wire_name() for backend in wallet_classes().values())
    return [(name, label_wallet(name)) for name in (ANY_WALLET, *names)]


class LinkForm(forms.Form):
    """For whom, how much, for what."""

    store = forms.ModelChoiceField(label=gettext_lazy("Store"), queryset=Store.objects.none())
    amount = forms.CharField(
        label=gettext_lazy("Amount"),
        max_length=20,
        help_text=gettext_lazy("In the store's currency, like 21.00."),
    )
    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("The customer sees it on the pay page and in the wallet."),
    )
    wallet = forms.ChoiceField(
        label=gettext_lazy("Wallet"), choices=_wallets, widget=forms.RadioSelect, initial=ANY_WALLET
    )
    lifetime = forms.ChoiceField(label=gettext_lazy("Can be paid"), choices=LIFETIMES, initial="7200")
    number = forms.CharField(
        label=gettext_lazy("Your own number (optional)"),
        max_length=32,
        required=False,
        help_text=gettext_lazy("One is made where it is empty."),
    )
    # of one visit of the page: sent twice it makes one order
    attempt = forms.CharField(widget=forms.HiddenInput, max_length=22, required=False)

    def __init__(self, data: Any, *, request: HttpRequest) -> None:
        super().__init__(data, initial={"attempt": new_attempt()})
        stores: Any = narrow(request, Store.objects.filter(is_active=True, partner__is_active=True))
        field: Any = self.fields["store"]
        field.queryset = stores.select_related("partner").order_by("store_no")
        if len(field.queryset[:2]) == 1:
            field.initial = field.queryset[0]
        self.fields["amount"].widget.attrs.update(inputmode="decimal", autocomplete="off")

    def clean_number(self) -> str:
        """The order's number: one's own, or "" for one that is made."""
        number: str = self.cleaned_data["number"]
        if number and not NUMBER_PATTERN.fullmatch(number):
            raise forms.ValidationError(_("Use letters, digits, - and _ only."))
        return number

    def clean(self) -> dict[str, Any]:
        """The amount in minor units of the store's currency."""
        given = super().clean() or {}
        store, typed = given.get("store"), given.get("amount")
        if store is not None and typed is not None:
            try:
                given["amount"] = money.to_minor(typed.strip().replace(",", ""), store.currency)
            except ValueError:
                self.add_error(
                    "amount",
                    _("Enter an amount in %(currency)s, like %(example)s.")
                    % {"currency": store.currency, "example": money.to_major(2100, store.currency)},
                )
            else:
                if given["amount"] <= 0:
                    self.add_error("amount", _("Enter an amount above 0."))
        return given

    @property
    def lifetime_seconds(self) -> int:
        """How long the order may be paid; "today" ends with the store's day."""
        chosen, store = self.cleaned_data["lifetime"], self.cleaned_data["store"]
        if chosen != TODAY:
            return int(chosen)
        here = clock.now().astimezone(store.zone)
        midnight = datetime(here.year, here.month, here.day, tzinfo=store.zone) + timedelta(days=1)
        left = int((midnight - here).total_seconds())
        return min(max(left, MIN_LIFETIME_SECONDS), MAX_LIFETIME_SECONDS)


class PaymentLinks(ModelAdmin):
    """Mixed into the orders' admin: its "add" makes a payment link."""

    def get_urls(self) -> list[Any]:
        """Beside an order's page: its link, what that page asks for, and the pictures of its code."""
        views = [
            ("link/", self.link_view, "link"),
            ("link/state/", self.state_view, "link_state"),
            ("link/code.svg", self.svg_view, "link_svg"),
            ("link/code.png", self.png_view, "link_png"),
            ("link/card.pdf", self.card_view, "link_card"),
        ]
        return [
            path(
                f"<path:object_id>/{place}",
                non_atomic_requests(self.admin_site.admin_view(view)),
                name=f"scanforpay_order_{name}",
            )
            for place, view, name in views
        ] + super().get_urls()

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who makes payment links."""
        return bool(request.user.has_perm(MAY_MAKE))

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The form; the new order's link after it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = LinkForm(request.POST if request.method == "POST" else None, request=request)
        if request.method == "POST" and form.is_valid():
            order = self._make(request, form)
            if order is not None:
                return HttpResponseRedirect(self._place(order, "link"))
        context = {
            **self.admin_site.each_context(request),
            "title": _("New payment link"),
            "opts": self.opts,
            "form": form,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/scanforpay/link.html", context)

    def _make(self, request: HttpRequest, form: LinkForm) -> Order | None:
        """The order of a valid form; None when it was refused, and the form says why."""
        given, store = form.cleaned_data, form.cleaned_data["store"]
        attempt = given["attempt"] if NUMBER_PATTERN.fullmatch(given["attempt"]) else new_attempt()
        content = OrderContent(
            entry=Order.Entry.LINK,
            partner_order_no=given["number"] or f"link-{attempt}",
            wallet=given["wallet"],
            amount=given["amount"],
            currency=store.currency,
            title=given["title"],
            operator_id=request.user.get_username()[:20],
            lifetime_seconds=form.lifetime_seconds,
        )
        try:
            with atomic():
                order = create_order(store.partner, store, content)
                self.log_addition(request, order, [{"added": {}}])
        except RequestRefused as error:
            form.add_error(None, describe_error(error))
            return None
        return order

    def _place(self, order: Order, name: str) -> str:
        return reverse(f"admin:scanforpay_order_{name}", args=[order.pk], current_app=self.admin_site.name)

    def _find(self, request: HttpRequest, object_id: str) -> Order:
        if not self.has_view_permission(request):
            raise PermissionDenied
        order: Order | None = self.get_object(request, object_id)
        if order is None:
            raise Http404
        return order

    def link_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The address, the code, a text to send, and whether it is paid."""
        order = self._find(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Payment link %(number)s") % {"number": order.partner_order_no},
            "opts": self.opts,
            "order": order,
            "text": _write_text(order),
            "state_url": self._place(order, "link_state"),
            "may_close": request.user.has_perm("scanforpay.close_order"),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/scanforpay/link_done.html", context)

    def state_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The note above the link as JSON, which the page asks for every few seconds while the order is pending."""
        order = self._find(request, object_id)
        html = render_to_string("admin/scanforpay/link_state.html", {"order": order}, request)
        answer = JsonResponse({"html": html, "ends": order.state != Order.State.PENDING})
        answer["Cache-Control"] = "private, no-store"
        return answer

    def svg_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The code as SVG."""
        return self._draw(request, object_id, "svg", "image/svg+xml")

    def png_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The code as PNG."""
        return self._draw(request, object_id, "png", "image/png")

    def _draw(self, request: HttpRequest, object_id: str, kind: str, content_type: str) -> HttpResponse:
        order, drawn = self._find(request, object_id), BytesIO()
        segno.make(page_address(order.scan_token), error="m").save(drawn, kind=kind, scale=10, border=4)
        return _file(HttpResponse(drawn.getvalue(), content_type=content_type), order, kind)

    def card_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A card with the amount, to be printed on A6."""
        order = self._find(request, object_id)
        return _file(answer_pdf(lay_out_order(order), order.store.language), order, "pdf")


def _file(answer: HttpResponse, order: Order, ending: str) -> HttpResponse:
    answer["Content-Disposition"] = f'inline; filename="{order.order_no}.{ending}"'
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _write_text(order: Order) -> str:
    """What is sent to the customer, in the store's language."""
    language = order.store.language
    with translation.override(language):
        known = {
            "store": order.store.display_name(language),
            "amount": money.display(order.amount, order.currency, language),
            "title": order.title,
            "url": order.pay_url,
        }
        text = (
            _("%(store)s: %(title)s, %(amount)s. Pay here: %(url)s")
            if order.title
            else _("%(store)s: %(amount)s. Pay here: %(url)s")
        )
        return text % known
