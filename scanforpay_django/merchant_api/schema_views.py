"""The OpenAPI document, and a page to read it on. Neither needs anything in INSTALLED_APPS, nor another host."""

import json
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, reverse
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.settings import SPECTACULAR_DEFAULTS, spectacular_settings
from drf_spectacular.validation import validate_schema

from scanforpay_django import __version__
from scanforpay_django.conf import conf
from scanforpay_django.merchant_api.openapi import components
from scanforpay_django.merchant_api.openapi_webhooks import webhooks

API_TITLE = "Merchant API"
DESCRIPTION = (
    "Every call is a POST of `{request, signature}`, every answer `{response, signature}`. A refusal is HTTP 200 with "
    "a `code` other than 1; other statuses are for what is no API call at all."
)
# Redoc writes styles and starts a worker from a blob.
POLICY = (
    "default-src 'none'; script-src 'self'; worker-src blob:; style-src 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@cache
def _document(calls: tuple[URLPattern, ...]) -> dict[str, Any]:
    """Made once in a process, by our own settings and not by the project's for its own API."""
    mine = {
        name: value
        for name, value in SPECTACULAR_DEFAULTS.items()
        if not name.startswith("SERVE_") and name != "DEFAULT_GENERATOR_CLASS"
    }
    spectacular_settings.apply_patches(
        {**mine, "OAS_VERSION": "3.1.0", "SORT_OPERATIONS": False, "POSTPROCESSING_HOOKS": []}
    )
    try:
        document = SchemaGenerator(patterns=list(calls)).get_schema(request=None, public=True)
    finally:
        spectacular_settings.clear_patches()
    document["info"] = {"title": API_TITLE, "version": __version__, "description": DESCRIPTION}
    document["webhooks"] = webhooks()
    document["components"] = {"schemas": components()}
    validate_schema(document)
    return dict(document)


@lru_cache(maxsize=8)
def _served(calls: tuple[URLPattern, ...], server: str) -> str:
    return json.dumps({**_document(calls), "servers": [{"url": server}]}, ensure_ascii=False, indent=1)


def _root() -> str:
    return reverse("scanforpay:create").removesuffix("/jspay/create")


@require_safe
def schema(_request: HttpRequest, calls: Sequence[URLPattern]) -> HttpResponse:
    """The document as JSON."""
    text = _served(tuple(calls), conf.base_url + _root())
    return HttpResponse(text, content_type="application/vnd.oai.openapi+json")


@require_safe
def api_page(request: HttpRequest) -> HttpResponse:
    """The document for people, by Redoc; without its package the page says how to get it."""
    response = render(
        request, "scanforpay/api_page.html", {"title": API_TITLE, "has_redoc": _redoc() is not None}
    )
    response["Content-Security-Policy"] = POLICY
    return response


@cache
def _redoc() -> bytes | None:
    """None without the extra ``openapi``."""
    try:
        package = resources.files("drf_spectacular_sidecar") / "static" / "drf_spectacular_sidecar"
    except ModuleNotFoundError:
        return None
    return (package / "redoc" / "bundles" / "redoc.standalone.js").read_bytes()


@require_safe
def redoc(_request: HttpRequest) -> HttpResponse:
    """Redoc itself, from the package: no other host is asked."""
    script = _redoc()
    if script is None:
        raise Http404
    response = HttpResponse(script, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "public, max-age=86400"
    response["X-Content-Type-Options"] = "nosniff"
    return response
