"""Pay pages as the cashier makes them, in their barest form: the demo's addresses and a few of these."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from demo_project.urls import urlpatterns as demo_urlpatterns
from scanforpay_django.conf import conf
from scanforpay_django.sandbox.models import Trade
from scanforpay_django.sandbox.phone import app_of_user_agent

CSP = "default-src 'none'; script-src 'nonce-abc123='; connect-src 'self'; style-src 'nonce-abc123='"


@dataclass
class Scene:
    """What the next page shows."""

    app: str = "wechat"
    data: dict[str, Any] = field(default_factory=dict)
    authorize: str = ""
    body: str = "<p>page</p>"
    attributes: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    way_back: str = "form"
    status: str = ""


scene = Scene()


def pay(request):
    return HttpResponseRedirect(scene.authorize) if scene.authorize else page(request)


def page(request):
    data = json.dumps(scene.data).replace("<", "\\u003C").replace("&", "\\u0026")
    script = f'<script type="application/json" id="scanforpay-data">{data}</script>' if scene.data else ""
    mark = f'data-channel="{scene.app}" data-state="pending" {scene.attributes}'
    head = "<!doctype html><html><head><title>x</title></HEAD >"
    text = f"{head}<body {mark}>{scene.body}{script}</body></html>"
    response = HttpResponse(text, headers={"Content-Security-Policy": CSP} | scene.headers)
    response["Content-Length"] = str(len(response.content))
    return response


def streamed(request):
    return StreamingHttpResponse([b"<head></head>"], headers={"Content-Security-Policy": CSP})


def ua(request):
    seen = request.headers.get("User-Agent", "")
    app = app_of_user_agent(seen)
    return JsonResponse({"ua": seen, "meta": request.META["HTTP_USER_AGENT"], "app": app and app.value})


def status(request):
    trade = Trade.objects.order_by("-pk").first()
    state = scene.status or ("paid" if trade.state == "paid" else "pending")
    return JsonResponse({"state": state, "next": "/pages/return" if state == "paid" else None})


def way_back(request):
    if scene.way_back == "redirect":
        return HttpResponse(status=303, headers={"Location": "https://shop.example/thanks?orderNo=1"})
    if scene.way_back == "error":
        return HttpResponse("sorry", status=500)
    return HttpResponse(
        '<form id="other"><input type="hidden" name="no" value="no"></form>'
        '<form id="scanforpay-return" method="post" action="https://shop.example/back?a=1&amp;b=2">'
        '<input type="hidden" name="partnerOrderNo" value="P-1">'
        '<input type="hidden" name="orderNo" value="O-1">'
        "<button>Back</button></form>"
    )


urlpatterns = [
    *demo_urlpatterns,
    path("pages/pay", pay),
    path("pages/pay/back", page),
    path("pages/streamed", streamed),
    path("pages/ua", ua),
    path("pages/ua/below", ua),
    path("pages/status", status),
    path("pages/return", way_back),
    path("pages/leave", csrf_exempt(require_POST(way_back))),
    path("other/ua", ua),
]


def authorize_url(wallet):
    """The OAuth redirect of a wallet account, back to the page."""
    back = f"{conf.base_url}/pages/pay/back"
    if "mchid" in wallet.config:
        pairs = [("appid", wallet.config["appid"]), ("redirect_uri", back), ("response_type", "code")]
        query = urlencode([*pairs, ("scope", "snsapi_base"), ("state", "s")])
        return f"{conf.sandbox_url}/wechat/connect/oauth2/authorize?{query}#wechat_redirect"
    given = {"app_id": wallet.config["app_id"], "scope": "auth_base"}
    query = urlencode(given | {"redirect_uri": back, "state": "s"})
    return f"{conf.sandbox_url}/alipay/oauth2/publicAppAuthorize.htm?{query}"
