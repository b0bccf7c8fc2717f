"""The phone in the demo: a desktop browser's window that passes for WeChat's or Alipay's own browser."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import NoReverseMatch, reverse
from django.utils.deprecation import MiddlewareMixin

from scanforpay_django.conf import conf

from .gate import sandbox_is_allowed
from .models import App
from .phone import APP_COOKIE, app_of_user_agent, user_agent

_SCRIPTS = Path(__file__).parent / "injected"
_BRIDGES = {
    App.WECHAT: "wechat_bridge.js",
    App.ALIPAY: "alipay_bridge.js",
}
_NONCE = re.compile(r"'nonce-([A-Za-z0-9+/_=-]+)'")
_SCAN_PAGE = re.compile(rb"<body\b[^>]*\sdata-scan-url=", re.IGNORECASE)
_HEAD_END = re.compile(rb"</head\s*>", re.IGNORECASE)
_BODY_START = re.compile(rb"<body\b[^>]*>", re.IGNORECASE)
_IN_SCRIPT = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


class SandboxPhoneMiddleware(MiddlewareMixin):
    """Makes a window with the sandbox's app cookie a phone, and gives pay pages the app's bridge.

    Only pages with a nonce in their Content-Security-Policy are touched, and only while the sandbox is
    allowed. Place it above whatever reads the User-Agent.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Pass for the app whose cookie came along."""
        app = request.COOKIES.get(APP_COOKIE, "")
        if app not in App.values or not sandbox_is_allowed():
            return
        language = request.META.get("HTTP_ACCEPT_LANGUAGE", "")
        request.META["HTTP_USER_AGENT"] = user_agent(App(app), language)
        # request.headers is a copy, made at its first reading.
        request.__dict__.pop("headers", None)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Inject the bridge into a page in the app, or the demo bar into a page to be scanned."""
        if not isinstance(response, HttpResponse) or not sandbox_is_allowed():
            return response
        nonce = _nonce(response)
        if nonce:
            source = _script(request, response.content)
            if source:
                _inject(response, f'<script nonce="{nonce}">{source}</script>'.encode())
        return response


def _nonce(response: HttpResponse) -> str:
    """The nonce of an HTML page that has one, else ""."""
    is_html = response.get("Content-Type", "").partition(";")[0].strip() == "text/html"
    if not is_html or response.has_header("Content-Encoding"):
        return ""
    for directive in response.get("Content-Security-Policy", "").split(";"):
        found = _NONCE.search(directive)
        if found and directive.split()[0] == "script-src":
            return found.group(1)
    return ""


def _script(request: HttpRequest, page: bytes) -> str:
    """What this page gets, "" for nothing."""
    try:
        pay, phone = reverse("scanforpay_sandbox:wallet-pay"), reverse("scanforpay_sandbox:phone")
    except NoReverseMatch:
        return ""
    app = app_of_user_agent(request.META.get("HTTP_USER_AGENT", ""))
    if app is not None:
        return _source("sheet.js", {"payUrl": pay, "app": app.value}) + _source(_BRIDGES[app], {})
    if _SCAN_PAGE.search(page):
        base = urlsplit(conf.base_url)
        return _source("demo_bar.js", {"phoneUrl": f"{base.scheme}://{base.netloc}{phone}"})
    return ""


def _source(name: str, config: dict[str, Any]) -> str:
    """A call of the function in the file ``name``. Safe inside a script element."""
    text = (_SCRIPTS / name).read_text(encoding="utf-8").strip()
    return f"({text})({json.dumps(config).translate(_IN_SCRIPT)});"


def _inject(response: HttpResponse, element: bytes) -> None:
    page = response.content
    place = _HEAD_END.search(page)
    body = _BODY_START.search(page)
    if place is None and body is None:
        return
    at = place.start() if place else body.end() if body else 0
    response.content = page[:at] + element + page[at:]
    if response.has_header("Content-Length"):
        response["Content-Length"] = str(len(response.content))
