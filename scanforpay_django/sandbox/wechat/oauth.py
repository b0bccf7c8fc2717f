"""The silent OAuth of a service account: snsapi_base, from the page's redirect to the openid."""

import json
import re
import secrets
from typing import Any
from urllib.parse import parse_qsl

from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_GET

from scanforpay_django.sandbox import oauth
from scanforpay_django.sandbox.gate import door
from scanforpay_django.sandbox.models import Merchant
from scanforpay_django.sandbox.trades import WECHATS

from .answers import request_id

PARAMETERS = ["appid", "redirect_uri", "response_type", "scope", "state"]


@require_GET
@door
def authorize(request: HttpRequest) -> HttpResponse:
    """GET connect/oauth2/authorize: 302 back with code and state. The order of the parameters is enforced."""
    pairs = parse_qsl(request.META.get("QUERY_STRING", ""), keep_blank_values=True)
    if [name for name, _ in pairs] != PARAMETERS:
        return _page(
            "The parameters must be appid, redirect_uri, response_type, scope, state, in this order."
        )
    given = dict(pairs)
    merchant = Merchant.objects.filter(app__in=WECHATS, app_id=given["appid"]).first()
    problem = _problem(given, merchant)
    if merchant is None or problem:
        return _page(problem)
    return oauth.send_back(
        request, merchant, given["redirect_uri"], lambda code: {"code": code, "state": given["state"]}
    )


def _problem(given: dict[str, str], merchant: Merchant | None) -> str:
    if merchant is None:
        return "10013: no such appid"
    if given["response_type"] != "code":
        return "response_type must be code"
    if given["scope"] != "snsapi_base":
        return "10005: this account may ask for snsapi_base only"
    if not re.fullmatch(r"[a-zA-Z0-9]{1,128}", given["state"]):
        return "state must be 1 to 128 of a-z A-Z 0-9"
    if not oauth.is_registered(given["redirect_uri"]):
        return "10003: redirect_uri is not under the registered domain"
    return ""


def _page(problem: str) -> HttpResponse:
    return HttpResponse(problem, status=400, content_type="text/plain; charset=utf-8")


@require_GET
@door
def access_token(request: HttpRequest) -> HttpResponse:
    """GET sns/oauth2/access_token: the openid for a code. Refusals are 200 with errcode, as text/plain."""
    merchant = Merchant.objects.filter(app__in=WECHATS, app_id=request.GET.get("appid", "")).first()
    if merchant is None:
        return _json({"errcode": 40013, "errmsg": "invalid appid"})
    if not constant_time_compare(request.GET.get("secret", ""), merchant.app_secret):
        return _json({"errcode": 40125, "errmsg": "invalid appsecret"})
    if request.GET.get("grant_type") != "authorization_code":
        return _json({"errcode": 40002, "errmsg": "invalid grant_type"})
    payer = oauth.redeem(merchant, request.GET.get("code", ""))
    if payer is oauth.CodeProblem.USED:
        return _json({"errcode": 40163, "errmsg": "code been used"})
    if isinstance(payer, oauth.CodeProblem):
        return _json({"errcode": 40029, "errmsg": "invalid code"})
    return _json(
        {
            "access_token": secrets.token_urlsafe(64),
            "expires_in": 7200,
            "refresh_token": secrets.token_urlsafe(64),
            "openid": payer.payer_id,
            "scope": "snsapi_base",
        }
    )


def _json(payload: dict[str, Any]) -> HttpResponse:
    """This host answers JSON as text/plain, and adds an rid to its error texts."""
    if "errmsg" in payload:
        payload["errmsg"] += f", rid: {request_id(0)}"
    response = HttpResponse(json.dumps(payload), content_type="text/plain")
    response["Cache-Control"] = "private, no-store"
    return response
