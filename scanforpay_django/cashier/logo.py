"""Pictures and proofs that are served beside the pay pages."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from scanforpay_django.conf import conf
from scanforpay_django.models import Logo
from scanforpay_django.models.database import non_atomic_requests


@require_safe
@non_atomic_requests
def logo(request: HttpRequest, digest: str) -> HttpResponse:  # noqa: ARG001
    """GET jspay/logo/<digest>: a store's logo. Its name is the digest of its bytes, so it never changes."""
    found = get_object_or_404(Logo, digest=digest)
    response = HttpResponse(bytes(found.content), content_type=found.content_type)
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@require_safe
def verification_file(request: HttpRequest, name: str) -> HttpResponse:  # noqa: ARG001
    """GET jspay/<name>.txt: what a platform wants to find here, to see that the address is ours."""
    text = conf.verification_files.get(name)
    if text is None:
        raise Http404
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
