"""Who may come in: the sandbox pays without money, so it opens only where nothing is sold for real."""

import functools
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from scanforpay_django.conf import conf

View = Callable[..., HttpResponseBase]


def sandbox_is_allowed() -> bool:
    """Whether DEBUG is on or SCANFORPAY_SANDBOX_ALLOWED says so."""
    return conf.debug or conf.sandbox_allowed


def door(view: View) -> View:
    """A view of the sandbox: 404 where it is not allowed, no CSRF token, transactions of its own."""

    # System checks do not run under a WSGI server, so the views look for themselves.
    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not sandbox_is_allowed():
            raise Http404("The sandbox is not allowed here.")
        return view(request, *args, **kwargs)

    exempt: View = csrf_exempt(transaction.non_atomic_requests(guarded))
    return exempt
