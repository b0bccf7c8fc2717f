"""Authorisation codes, alike on both platforms: one use, five minutes, one app, one user."""

import enum
import secrets
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from scanforpay_django import clock
from scanforpay_django.conf import conf

from .models import Merchant, OAuthCode, Payer
from .phone import get_user, new_user, payer_at, remember_user

CODE_LIFETIME = timedelta(minutes=5)


class CodeProblem(enum.Enum):
    """Why a code is worth nothing."""

    UNKNOWN = "unknown, of another app or too old"
    USED = "used before"


def is_registered(redirect_uri: str) -> bool:
    """Whether customers may be sent there: the project's own host stands for the registered OAuth domain."""
    if any(character <= " " or character == "\\" for character in redirect_uri):
        return False
    try:
        target = urlsplit(redirect_uri)
        return target.scheme in ("http", "https") and target.netloc == urlsplit(conf.base_url).netloc
    except ValueError:
        return False


def send_back(
    request: HttpRequest, merchant: Merchant, redirect_uri: str, query: Callable[[str], dict[str, str]]
) -> HttpResponse:
    """302 to the merchant's page with what ``query`` makes of a fresh code. Asks the user nothing."""
    user = get_user(request) or new_user()
    code = secrets.token_hex(16)
    OAuthCode.objects.create(
        merchant=merchant, code=code, phone_user=user, expires_at=clock.now() + CODE_LIFETIME
    )
    page, _, _ = redirect_uri.partition("#")
    glue = "&" if "?" in page else "?"
    response = HttpResponseRedirect(f"{page}{glue}{urlencode(query(code))}")
    response["Cache-Control"] = "private, no-store"
    remember_user(request, response, user)
    return response


def redeem(merchant: Merchant, code: str) -> Payer | CodeProblem:
    """Exchange ``code`` for its payer, once."""
    now = clock.now()
    codes = OAuthCode.objects.filter(merchant=merchant, code=code)
    if codes.filter(used_at__isnull=True, expires_at__gt=now).update(used_at=now):
        return payer_at(merchant, codes.get().phone_user)
    return CodeProblem.USED if codes.filter(used_at__isnull=False).exists() else CodeProblem.UNKNOWN
