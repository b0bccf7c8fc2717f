"""How the installation does: what ``manage.py scanforpay_doctor`` says, as a page."""

import time
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from scanforpay_django import clock
from scanforpay_django.admin.base import ModelAdmin
from scanforpay_django.models.database import non_atomic_requests
from scanforpay_django.operations.examination.doctor import examine
from scanforpay_django.operations.staff_scope import may_see_health

#: the platforms have so long to answer; with what each call may take still, below a web server's usual 30 seconds
ONLINE_SECONDS = 15.0


class HealthPage(ModelAdmin):
    """Mixed into the stores' admin, as the set-up is. GET asks what is ours, POST the platforms too."""

    def get_urls(self) -> list[Any]:
        """Before a store's own addresses. It asks over the network, so no transaction is open around it."""
        wrapped = non_atomic_requests(self.admin_site.admin_view(self.health_view))
        return [path("health/", wrapped, name="scanforpay_health"), *super().get_urls()]

    @sensitive_variables()
    def health_view(self, request: HttpRequest) -> HttpResponse:
        """What is wrong comes first. Nothing is stored and nothing changed, so both methods answer with the page."""
        if not may_see_health(request):
            raise PermissionDenied
        goes_online = request.method == "POST"
        began = time.monotonic()
        findings = list(examine(goes_online=goes_online, max_seconds=ONLINE_SECONDS))
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Health"),
            "problems": [one for one in findings if not one.is_right],
            "right": [one for one in findings if one.is_right],
            "went_online": goes_online,
            "looked_at": clock.now(),
            "seconds": f"{time.monotonic() - began:.1f}",
        }
        response = TemplateResponse(request, "admin/scanforpay/health.html", context)
        response["Cache-Control"] = "private, no-store"
        return response
