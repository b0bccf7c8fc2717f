"""A difference's page: bill, books and notification side by side, what is proposed, and the line as it came."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.options import TO_FIELD_VAR
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from scanforpay_django.admin.base import KEY
from scanforpay_django.admin.difference_list import DifferenceList, describe_line
from scanforpay_django.admin.order_acts import STEP_ERRORS, make_staff_cause
from scanforpay_django.admin.scope import get_scope
from scanforpay_django.books.difference_acts import ADVICE, carry_out
from scanforpay_django.books.raw_line import read_raw_line
from scanforpay_django.exceptions import BillRefused
from scanforpay_django.models import Difference
from scanforpay_django.models.database import non_atomic_requests
from scanforpay_django.operations.error_text import describe_to_staff, join_sentences
from scanforpay_django.operations.reconciliation.beside import Beside, put_beside, show_fee


class DifferencePage(DifferenceList):
    """The list, with the differences' pages and the button of what is proposed."""

    def get_urls(self) -> list[Any]:
        """Beside a difference's page. What is proposed may call a platform: it opens its own transactions."""
        steps = (("act", self.act_view), ("line", self.line_view))
        views = [
            path(
                f"<int:pk>/{name}/",
                non_atomic_requests(self.admin_site.admin_view(view)),
                name=f"scanforpay_difference_{name}",
            )
            for name, view in steps
        ]
        return [*views, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Read-only: what is done has buttons."""
        asks_oddly = request.method not in ("GET", "HEAD") or TO_FIELD_VAR in request.GET
        row = None if asks_oddly else self._find(request, object_id)
        if row is None or not self.has_view_permission(request, row):
            # Django's own answer to what is not there, may not be seen, or is posted here.
            return super().change_view(request, object_id, form_url, extra_context)
        beside = put_beside(row, get_scope(request))
        context = {
            **self.make_context(request, row),
            **(extra_context or {}),
            "line": describe_line(row),
            "advice": ADVICE.get(row.kind, ""),
            "beside": beside,
            "sides": list(_list_rows(beside)),
            "order_url": self._find_order_url(request, beside),
            "may_act": self.may_act(request),
            "has_line": bool(row.day.bill_id and row.details.get("line")),
        }
        return TemplateResponse(request, "admin/scanforpay/difference_change.html", context)

    def _find(self, request: HttpRequest, object_id: str) -> Difference | None:
        if not KEY.fullmatch(object_id):
            return None
        rows: Any = self.get_queryset(request).select_related("day__account__store", "day__bill")
        found: Difference | None = rows.filter(pk=object_id).first()
        return found

    def get_own(self, request: HttpRequest, pk: int) -> Difference:
        """Raises Http404, also for a difference that is not this user's."""
        rows: Any = self.get_queryset(request).select_related("day__account__store", "day__bill")
        found: Difference = get_object_or_404(rows, pk=pk)
        return found

    def check_act(self, request: HttpRequest) -> None:
        """A button's request. Raises PermissionDenied."""
        if request.method != "POST" or not self.may_act(request):
            raise PermissionDenied

    def make_context(self, request: HttpRequest, row: Difference) -> dict[str, Any]:
        """What each page of a difference has."""
        request.current_app = self.admin_site.name
        return {
            **self.admin_site.each_context(request),
            "title": capfirst(row.get_kind_display()),
            "opts": self.opts,
            "original": row,
            "row": row,
            "query": read_query(request),
        }

    def act_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Do what is proposed, and say what came of it."""
        self.check_act(request)
        row = self.get_own(request, pk)
        try:
            text = carry_out(row, make_staff_cause(request))
        except STEP_ERRORS as error:
            text = describe_to_staff(error)
            messages.error(request, text)
            self.log_change(request, row, join_sentences(_("What was proposed could not be done."), text))
        else:
            messages.success(request, text)
            self.log_change(request, row, join_sentences(_("Did what was proposed."), text))
        return self.return_to(request, row)

    def return_to(self, request: HttpRequest, row: Difference) -> HttpResponse:
        """To the list that the button was in, or else to the difference's page."""
        if "from_list" in request.POST:
            return HttpResponseRedirect(self.list_url(request))
        here = self.admin_site.name
        return HttpResponseRedirect(
            reverse("admin:scanforpay_difference_change", args=[row.pk], current_app=here)
        )

    def list_url(self, request: HttpRequest) -> str:
        """The list with its filters."""
        place = reverse("admin:scanforpay_difference_changelist", current_app=self.admin_site.name)
        query = read_query(request)
        return f"{place}?{query}" if query else place

    def line_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The line of the bill, as it came."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_own(request, pk)
        text, error = _read_line(row)
        context = {**self.make_context(request, row), "text": text, "error": error, "place": row.details}
        return TemplateResponse(request, "admin/scanforpay/difference_line.html", context)

    def _find_order_url(self, request: HttpRequest, beside: Beside) -> str:
        if beside.order is None or not request.user.has_perm("scanforpay.view_order"):
            return ""
        try:
            here = self.admin_site.name
            return reverse("admin:scanforpay_order_change", args=[beside.order.pk], current_app=here)
        except NoReverseMatch:
            return ""


def read_query(request: HttpRequest) -> str:
    """The list's filters and page, as they stood in its address."""
    return request.POST.get("query", request.GET.get("query", "")).lstrip("?")


def _read_line(row: Difference) -> tuple[str, str]:
    """The line, or why it cannot be shown."""
    bill, number = row.day.bill, row.details.get("line")
    if bill is None or not isinstance(number, int):
        return "", _("This difference is about no line of a bill.")
    try:
        text = read_raw_line(bill, int(row.details.get("part") or 0), number)
    except BillRefused as refused:
        return "", _(refused.text)
    except (OSError, ImproperlyConfigured):
        return "", _(
            "The bill's file cannot be opened: look at the storage that SCANFORPAY_BILL_STORAGE names."
        )
    if not _is_about(text, row):
        return "", _("The bill that is compared now has no such line.")
    return text, ""


def _is_about(text: str, row: Difference) -> bool:
    """A newer version of the bill may have another line in that place, of another store."""
    details = row.details
    if "lines" in details:
        # It is about many; this is the first of them.
        return bool(text)
    numbers = [row.number, *(details.get(name) for name in ("out_trade_no", "trade_no", "refund_id", "raw"))]
    return any(number and str(number)[:200] in text for number in numbers)


def _list_rows(beside: Beside) -> Any:
    """Amount, state, when, numbers, fee: of the bill, here, and of the notification."""
    sides = (beside.bill, beside.here, beside.notified)
    words = {
        "amount": _("Amount"),
        "state": _("State"),
        "moment": _("When"),
        "numbers": _("Numbers"),
        "fee": _("Fee"),
    }
    for name, word in words.items():
        fees = [show_fee(side) for side in sides] if name == "fee" else []
        yield {"name": name, "word": word, "sides": sides, "fees": fees, "differs": beside.differs_in == name}
