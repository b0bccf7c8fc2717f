"""An address below the API's own directories that is none of its calls answers in the API's words."""

from contextvars import ContextVar
from typing import Any

from django.urls import (
    NoReverseMatch,
    Resolver404,
    ResolverMatch,
    URLPattern,
    get_resolver,
    get_script_prefix,
    get_urlconf,
    reverse,
)
from django.urls.resolvers import RegexPattern
from rest_framework.request import Request

from scanforpay_django.exceptions import UnknownCall
from scanforpay_django.merchant_api.views import ApiView

DIRECTORIES = r"^(?:jspay|online|offline|common)/"
_KNOWN = "jspay/create"
# Whether somebody is looking for another view of the project's at this moment.
_looks_elsewhere: ContextVar[bool] = ContextVar("looks_elsewhere", default=False)


class UnknownCallView(ApiView):
    """HTTP 404 with the envelope, whatever the method."""

    authentication_classes = []

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse before anything is read: no signature is asked for."""
        raise UnknownCall


class UnknownCallPattern(URLPattern):
    """Takes what no later pattern of the project takes: paths of the project's own beside ours are left alone."""

    def __init__(self) -> None:
        super().__init__(
            RegexPattern(DIRECTORIES, is_endpoint=True), UnknownCallView.as_view(), name="unknown-call"
        )

    def resolve(self, path: str) -> ResolverMatch | None:
        if _looks_elsewhere.get():
            return None
        match = super().resolve(path)
        return match if match is not None and not _is_elsewhere(path) else None


def _is_elsewhere(path: str) -> bool:
    """Whether the project has a view for ``path``, which is written as seen from where our addresses are mounted."""
    looking = _looks_elsewhere.set(True)
    try:
        mount = reverse("scanforpay:create").removesuffix(_KNOWN).removeprefix(get_script_prefix())
        get_resolver(get_urlconf()).resolve(f"/{mount}{path}")
    except (NoReverseMatch, Resolver404):
        return False
    finally:
        _looks_elsewhere.reset(looking)
    return True
