"""The buttons above the reconciliation page: compare again, and the list as a CSV file."""

import time
from typing import Any

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import PAGE_VAR
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from scanforpay_django import clock
from scanforpay_django.admin.difference_filters import read_day
from scanforpay_django.admin.difference_page import DifferencePage
from scanforpay_django.admin.order_export import in_language, streamed
from scanforpay_django.admin.scope import narrow
from scanforpay_django.books.difference_acts import compare_or_schedule
from scanforpay_django.models import BillDay
from scanforpay_django.models.database import non_atomic_requests
from scanforpay_django.operations.order_export import csv_lines
from scanforpay_django.operations.reconciliation.export import COLUMNS, difference_rows

#: bills that are compared while the browser waits, and for how long: the worker compares the others
MAX_DAYS, MAX_SECONDS = 50, 15.0
#: bills of a day that are due for the worker at once
MAX_SCHEDULED = 5000


class DifferenceButtons(DifferencePage):
    """Mixed into the differences' admin."""

    def get_urls(self) -> list[Any]:
        """The buttons' addresses, beside those of the list."""
        views = (("compare", self.compare_view), ("csv", self.csv_view))
        own = [
            path(
                f"{name}/",
                non_atomic_requests(self.admin_site.admin_view(view)),
                name=f"scanforpay_difference_{name}",
            )
            for name, view in views
        ]
        return [*own, *super().get_urls()]

    def compare_view(self, request: HttpRequest) -> HttpResponse:
        """The bills of a day that are the reader's: those that are small at once, the others by the worker."""
        self.check_act(request)
        try:
            day = read_day(request.POST.get("day", ""))
        except IncorrectLookupParameters:
            messages.error(request, _("Choose a day first."))
            return HttpResponseRedirect(self.list_url(request))
        rows: Any = narrow(request, BillDay.objects.filter(day=day)).select_related("account__store", "bill")
        days = list(rows.order_by("pk")[:MAX_SCHEDULED])
        ends_at, compared = time.monotonic() + MAX_SECONDS, 0
        for number, one in enumerate(days):
            compared += compare_or_schedule(one, at_once=number < MAX_DAYS and time.monotonic() < ends_at)
        _say(request, compared, len(days) - compared)
        return HttpResponseRedirect(self.list_url(request))

    def csv_view(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        """What the list is filtered to, line by line while it is read."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        wanted = request.GET.copy()
        wanted.pop(PAGE_VAR, None)
        request.GET = wanted  # type: ignore[assignment]
        try:
            rows = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            messages.error(request, _("The filter in the address cannot be read."))
            return HttpResponseRedirect(self.list_url(request))
        lines = in_language(csv_lines(difference_rows(rows), COLUMNS), get_language())
        answer = StreamingHttpResponse(streamed(request, lines), content_type="text/csv; charset=utf-8")
        today = timezone.localtime(clock.now()).strftime("%Y-%m-%d")
        answer["Content-Disposition"] = f'attachment; filename="differences-{today}.csv"'
        answer["Cache-Control"] = "private, no-store"
        return answer


def _say(request: HttpRequest, compared: int, left: int) -> None:
    if compared:
        text = ngettext(
            "%(number)d bill was compared again.", "%(number)d bills were compared again.", compared
        )
        messages.success(request, text % {"number": compared})
    if left:
        text = ngettext(
            "%(number)d bill is large, busy or not here yet: the worker takes it within five minutes.",
            "%(number)d bills are large, busy or not here yet: the worker takes them within five minutes.",
            left,
        )
        messages.warning(request, text % {"number": left})
    if not compared and not left:
        messages.warning(request, _("No bill is expected of this day."))
