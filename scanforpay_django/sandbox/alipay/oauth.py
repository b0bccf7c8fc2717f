"""Alipay's silent OAuth: auth_base."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from scanforpay_django.sandbox import oauth
from scanforpay_django.sandbox.gate import door
from scanforpay_django.sandbox.models import Merchant, Platform


@require_GET
@door
def authorize(request: HttpRequest) -> HttpResponse:
    """GET oauth2/publicAppAuthorize.htm: 302 back with auth_code and the state, if any."""
    given = request.GET
    merchant = Merchant.objects.filter(
        app=Platform.ALIPAY, provider=None, app_id=given.get("app_id", "")
    ).first()
    if merchant is None:
        return _page("INVALID_APP_ID: there is no such app_id")
    if given.get("scope") != "auth_base":
        return _page("INVALID_SCOPE: scope must be auth_base")
    if not oauth.is_registered(given.get("redirect_uri", "")):
        return _page("INVALID_REDIRECT_URI: redirect_uri is not under the registered callback address")
    state = {"state": given["state"]} if "state" in given else {}

    def query(code: str) -> dict[str, str]:
        came = {"app_id": given["app_id"], "source": "alipay_wallet", "scope": "auth_base"}
        return {**came, "auth_code": code, **state}

    return oauth.send_back(request, merchant, given["redirect_uri"], query)


def _page(problem: str) -> HttpResponse:
    return HttpResponse(problem, status=400, content_type="text/plain; charset=utf-8")
