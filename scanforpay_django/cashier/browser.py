"""The cookie that tells one browser's visit to one pay page from another's."""

import hashlib
import re
import secrets

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from scanforpay_django.conf import conf

_VALUE = re.compile(r"[A-Za-z0-9_-]{22}")
COOKIE_LIFETIME_SECONDS = 7 * 86400
_PREFIX = "scanforpay_"
# A till opens a page for every order, and servers take 8 KB of cookies. The oldest go, a few at a time: answers have
# their limits too.
MAX_KEPT_COOKIES, MAX_DELETED_COOKIES = 40, 5


def _cookie_name(token: str) -> str:
    return _PREFIX + hashlib.sha256(token.encode()).hexdigest()[:12]


def get_browser(request: HttpRequest, token: str) -> str | None:
    """The random name of the browser that opened ``token``'s page before, None when this one did not."""
    value = request.COOKIES.get(_cookie_name(token), "")
    return value if _VALUE.fullmatch(value) else None


def new_browser() -> str:
    """A name for a browser that has none yet: 128 random bits, URL-safe."""
    return secrets.token_urlsafe(16)


def stays_here(request: HttpRequest, token: str) -> bool:
    """Whether the customer chose to pay on the very device that shows the QR code."""
    return request.COOKIES.get(_cookie_name(token) + "_here") == "1"


def stay_here(response: HttpResponse, token: str) -> HttpResponse:
    """Remember in a cookie that the customer pays on the device that shows the code."""
    _set(response, _cookie_name(token) + "_here", "1")
    return response


def remember(request: HttpRequest, response: HttpResponse, token: str, browser: str) -> None:
    """Set the cookie; browsers send the oldest first."""
    ours = [name for name in request.COOKIES if name.startswith(_PREFIX)]
    for name in ours[: max(0, len(ours) - MAX_KEPT_COOKIES)][:MAX_DELETED_COOKIES]:
        response.delete_cookie(name, path=_path(), samesite="Lax")
    _set(response, _cookie_name(token), browser)


def _path() -> str:
    return reverse("scanforpay:create").removesuffix("create")


def _set(response: HttpResponse, name: str, value: str) -> None:
    """Lax: another site's form cannot act in this browser's name."""
    response.set_cookie(
        name,
        value,
        max_age=COOKIE_LIFETIME_SECONDS,
        path=_path(),
        secure=conf.base_url.startswith("https:"),
        httponly=True,
        samesite="Lax",
    )
