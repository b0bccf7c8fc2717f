"""``/readyz``: whether payments would be taken and merchants notified. 503 with the names of what is wrong.

What is wrong in detail, and how to mend it, says ``manage.py scanforpay_doctor``: anybody may open this page.
"""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from scanforpay_django.health.answers import answer_json
from scanforpay_django.models.database import non_atomic_requests
from scanforpay_django.operations.examination.readiness import examine_readiness


@non_atomic_requests
def readyz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """``{"ok": true, "checks": {"database": "ok", ...}}``."""
    findings = examine_readiness()
    is_ready = all(finding.is_right for finding in findings)
    checks = {finding.name: "ok" if finding.is_right else "problem" for finding in findings}
    return answer_json({"ok": is_ready, "checks": checks}, 200 if is_ready else 503)


urlpatterns = [path("readyz", readyz, name="scanforpay-readyz")]
