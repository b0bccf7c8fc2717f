"""Counter codes: their cards, their replacement, and the till's page that shows payments as they come."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scanforpay_django.admin.base import ModelAdmin, ModelForm
from scanforpay_django.admin.card_answer import answer_pdf
from scanforpay_django.admin.list_filters import StoreFilter
from scanforpay_django.admin.till import TillForm, list_sales, sell
from scanforpay_django.exceptions import RequestRefused
from scanforpay_django.flows.counter_sale import find_waiting_order, take_back
from scanforpay_django.models import CounterCode, Order
from scanforpay_django.models.counter import new_counter_token
from scanforpay_django.models.database import atomic, non_atomic_requests
from scanforpay_django.operations.error_text import describe_error
from scanforpay_django.operations.printed_card import draw_svg, lay_out
from scanforpay_django.operations.wire_fields import Url

MAY_SELL = "scanforpay.add_order"


class CounterCodeForm(ModelForm):
    """A code; its currency and notify address are checked as those of an order are."""

    class Meta:
        model = CounterCode
        fields = [
            "store", "number", "name", "title", "currency", "notify_url", "unpaid_per_hour", "is_active",
        ]  # fmt: skip

    def clean_notify_url(self) -> str:
        """An address that a notification can be sent to; "" for none."""
        field: Any = Url(purpose="notify", required=False)
        field.bind("notifyUrl", None)
        try:
            checked: str = field.run_validation(self.cleaned_data["notify_url"])
        except RequestRefused as error:
            raise ValidationError(describe_error(error)) from error
        return checked


class CounterCodeAdmin(ModelAdmin):
    """Printed codes of tills."""

    form = CounterCodeForm
    change_form_template = "admin/scanforpay/counter_code_change.html"
    list_display = ["number", "name", "store", "is_active", "till"]
    list_filter = ["is_active", StoreFilter]
    list_select_related = ["store"]

    def get_urls(self) -> list[Any]:
        """Beside a code's page: its cards, its replacement, its till."""
        views = [
            ("card.svg", self.svg_view, "card_svg"),
            ("card.pdf", self.pdf_view, "card_pdf"),
            ("replace/", self.replace_view, "replace"),
            ("till/", self.till_view, "till"),
            ("till/news/", self.news_view, "till_news"),
        ]
        return [
            path(
                f"<path:object_id>/{place}",
                non_atomic_requests(self.admin_site.admin_view(view)),
                name=f"scanforpay_countercode_{name}",
            )
            for place, view, name in views
        ] + super().get_urls()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A code that is not in use any more is made inactive: its orders stay."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The store of a code that was printed stays."""
        return ["store"] if obj else []

    @admin.display(description=gettext_lazy("till"))
    def till(self, obj: CounterCode) -> str:
        """Leads to the page that stands open at the till."""
        return format_html(
            '<a href="{}">{}</a>',
            reverse("admin:scanforpay_countercode_till", args=[obj.pk]),
            _("Open the till"),
        )

    def _find(self, request: HttpRequest, object_id: str) -> CounterCode:
        """The code, if it is the user's. Raises PermissionDenied, Http404."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        code: CounterCode | None = self.get_object(request, object_id)
        if code is None:
            raise Http404
        return code

    def svg_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The card as SVG."""
        code = self._find(request, object_id)
        answer = HttpResponse(draw_svg(lay_out(code)), content_type="image/svg+xml")
        answer["Content-Security-Policy"] = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
        return _file(answer, code, "svg")

    def pdf_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The card as PDF."""
        code = self._find(request, object_id)
        return _file(answer_pdf(lay_out(code), code.store.language), code, "pdf")

    def replace_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """POST: the printed card leads nowhere from now on, a new one has to be printed."""
        code = self._find(request, object_id)
        if not self.has_change_permission(request, code):
            raise PermissionDenied
        if request.method == "POST":
            with atomic():
                CounterCode.objects.filter(pk=code.pk).update(token=new_counter_token())
                self.log_change(request, code, [{"changed": {"fields": [str(_("code"))]}}])
            messages.success(
                request, _("The code was replaced: print the new card. The old one leads nowhere now.")
            )
        return HttpResponseRedirect(
            reverse("admin:scanforpay_countercode_change", args=[code.pk], current_app=self.admin_site.name)
        )

    def till_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Payments as they come; POST: the amount that the next customer finds, or none any more."""
        code = self._find(request, object_id)
        may_sell = request.user.has_perm(MAY_SELL)
        form = TillForm(request.POST or None, code=code)
        if request.method == "POST":
            if not may_sell:
                raise PermissionDenied
            if "take_back" in request.POST:
                take_back(code)
                return HttpResponseRedirect(request.path)
            if form.is_valid() and sell(form, request):
                return HttpResponseRedirect(request.path)
        context = {
            **self.admin_site.each_context(request),
            "title": str(code),
            "opts": self.opts,
            "code": code,
            "form": form if may_sell else None,
            "waiting": find_waiting_order(code),
            "sales": list_sales(code),
            "news_url": reverse(
                "admin:scanforpay_countercode_till_news", args=[code.pk], current_app=self.admin_site.name
            ),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/scanforpay/till.html", context)

    def news_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The newest sales as JSON, which the till's page asks for each second."""
        code = self._find(request, object_id)
        waiting, sales = find_waiting_order(code), list_sales(code)
        html = render_to_string(
            "admin/scanforpay/till_sales.html", {"sales": sales, "waiting": waiting}, request
        )
        paid = {str(sale.order.pk): sale.spoken for sale in sales if sale.order.state == Order.State.PAID}
        answer = JsonResponse({"html": html, "paid": paid})
        answer["Cache-Control"] = "private, no-store"
        return answer


def _file(answer: HttpResponse, code: CounterCode, ending: str) -> HttpResponse:
    answer["Content-Disposition"] = f'inline; filename="{code.store.store_no}-{code.number}.{ending}"'
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
