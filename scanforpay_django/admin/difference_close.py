"""Closing differences by hand: one, the selected ones, or all open ones of one bill; always with a reason."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from scanforpay_django.admin.base import KEY
from scanforpay_django.admin.difference_page import DifferencePage, read_query
from scanforpay_django.books.close_differences import close_differences
from scanforpay_django.models import BillDay
from scanforpay_django.models.database import non_atomic_requests
from scanforpay_django.operations.reconciliation.words import say_merchant

#: of one page of the list
MAX_SELECTED = 100
#: differences that are named before they are closed
MAX_NAMED = 20


class CloseForm(forms.Form):
    """Why it is right as it is, or what was done elsewhere."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        help_text=gettext_lazy(
            "Why it is right so, or what was done elsewhere. It stays with the difference."
        ),
    )


class DifferenceClosing(DifferencePage):
    """Mixed into the differences' admin: one page asks for the reason, and closes them."""

    def get_urls(self) -> list[Any]:
        """The address that the buttons post to."""
        view = non_atomic_requests(self.admin_site.admin_view(self.close_view))
        return [path("close/", view, name="scanforpay_difference_close"), *super().get_urls()]

    def close_view(self, request: HttpRequest) -> HttpResponse:
        """With a reason they are closed; without one it is asked for. ``selected`` has keys, ``bill`` the key of a day
        of a merchant number.
        """
        if not self.may_act(request):
            raise PermissionDenied
        rows, day = self._find_rows(request)
        if not rows.exists():
            messages.warning(request, _("No open difference is selected."))
            return HttpResponseRedirect(self.list_url(request))
        form = CloseForm(request.POST if "_close" in request.POST else None)
        if form.is_bound and form.is_valid():
            return self._close(request, rows, form.cleaned_data["reason"])
        return self._ask(request, rows, day, form)

    def _find_rows(self, request: HttpRequest) -> tuple[Any, BillDay | None]:
        sent = request.POST if request.method == "POST" else request.GET
        rows: Any = self.get_queryset(request).filter(closed_at=None)
        bill = sent.get("bill", "")
        if not bill:
            keys = [key for key in sent.getlist("selected") if KEY.fullmatch(key)]
            return rows.filter(pk__in=keys[:MAX_SELECTED]), None
        if not KEY.fullmatch(bill):
            raise Http404
        rows = rows.filter(day=bill)
        first = rows.select_related("day__account__store").first()
        return rows, first.day if first else None

    def _ask(self, request: HttpRequest, rows: Any, day: BillDay | None, form: CloseForm) -> HttpResponse:
        named = list(rows.select_related("day__account__store").order_by("-pk")[: MAX_NAMED + 1])
        number = rows.count()
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "title": _("Close differences with a reason"),
            "opts": self.opts,
            "rows": named[:MAX_NAMED],
            "left": max(number - MAX_NAMED, 0),
            "number": number,
            "day": day,
            "merchant": say_merchant(day) if day else "",
            "keys": [] if day else rows.order_by("pk").values_list("pk", flat=True),
            "form": form,
            "query": read_query(request),
            "list_url": self.list_url(request),
        }
        return TemplateResponse(request, "admin/scanforpay/difference_close.html", context)

    def _close(self, request: HttpRequest, rows: Any, reason: str) -> HttpResponse:
        text = _("Closed the difference: %(reason)s") % {"reason": reason}
        number = 0
        for row in close_differences(rows.order_by(), user_id=request.user.pk, reason=reason):
            self.log_change(request, row, text)
            number += 1
        done = ngettext("%(number)d difference was closed.", "%(number)d differences were closed.", number)
        messages.add_message(
            request, messages.SUCCESS if number else messages.WARNING, done % {"number": number}
        )
        return HttpResponseRedirect(self.list_url(request))
