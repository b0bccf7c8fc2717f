"""Every failure of a call as an envelope, in the store's language."""

import logging
from collections.abc import Mapping
from typing import Any

from django.db import DatabaseError
from django.utils import translation
from django.utils.translation import gettext_noop
from rest_framework import exceptions as drf
from rest_framework.request import Request
from rest_framework.response import Response

from scanforpay_django.codes import Code
from scanforpay_django.exceptions import NotJson, ScanForPayError, SignatureInvalid, TooManyCalls, rule
from scanforpay_django.merchant_api.envelope import (
    DEFAULT_LANGUAGE,
    MESSAGE_LENGTH,
    Caller,
    get_message,
    get_message_id,
    read_number,
)
from scanforpay_django.operations.error_text import describe_error, join_sentences

logger = logging.getLogger(__name__)


def translated_text(error: ScanForPayError, *, detailed: bool, language: str) -> str:
    """``msg`` for an error, at most 100 characters, in the language given."""
    params: Mapping[str, object] = getattr(error, "params", {})
    with translation.override(language):
        text = describe_error(error)
        if detailed and params.get("detail"):
            text = join_sentences(text, str(params["detail"]))
    return text[:MESSAGE_LENGTH]


def _find_rule(error: drf.APIException, request: Request) -> str:
    """DRF's own texts are in its language, not the store's."""
    if isinstance(error, drf.MethodNotAllowed):
        return rule(gettext_noop("the method %(method)s is not allowed"), method=request.method)
    return rule(gettext_noop("the request cannot be read"))


def _language(request: Request, view: Any, caller: Caller | None) -> str:
    """That of the store that is meant, which a call may be refused before it is looked for; else the partner's first
    store's; a stranger's is not known.
    """
    language = getattr(view, "language", "")
    if language or caller is None:
        return language or DEFAULT_LANGUAGE
    try:
        return _find_language(request, caller) or DEFAULT_LANGUAGE
    except DatabaseError:
        # It may be why the call failed: that is still said.
        return DEFAULT_LANGUAGE


def _find_language(request: Request, caller: Caller) -> str:
    stores = caller.partner.stores.order_by("pk")
    body = get_message(request).value.get("body")
    named = body.get("storeNo") if isinstance(body, dict) else None
    found = stores.filter(store_no=named).first() if read_number(named) else None
    found = found or stores.first()
    return found.language if found else ""


#: a merchant that asks why has only the answer's respMsgId
LOGGED_CODES = (Code.NOT_AUTHORISED, Code.SIGNATURE_INVALID, Code.SYSTEM_ERROR)


def _log(request: Request, error: ScanForPayError, caller: Caller | None, cause: Exception | None) -> None:
    """What a merchant will ask about, under the number that it was answered with. Nothing of the body."""
    if error.code not in LOGGED_CODES:
        return
    message_id, partner_no = get_message_id(request), caller.partner.partner_no if caller else ""
    logger.log(
        logging.ERROR if cause is not None else logging.WARNING,
        "%s was answered with code %d (respMsgId %s): %s",
        # Anybody may put a line feed into a path; escaped as Django's own log_response() does it.
        request.path.encode("unicode_escape").decode("ascii"),
        error.code,
        message_id,
        type(cause or error).__name__,
        exc_info=cause,
        extra={"request_id": message_id, "partner_no": partner_no, "code": int(error.code)},
    )


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response:
    """Every failure as an envelope: HTTP 200 for business errors, other statuses where it is no API call at all."""
    request, view = context["request"], context["view"]
    caller: Caller | None = getattr(request._request, "scanforpay_caller", None)  # noqa: SLF001
    status, cause = 200, None
    if isinstance(error, drf.APIException):
        status, error = error.status_code, NotJson(rule=_find_rule(error, request))
    elif not isinstance(error, ScanForPayError):
        status, cause, error = 500, error, ScanForPayError()
    status = getattr(error, "status", status)
    _log(request, error, caller, cause)
    detailed = isinstance(error, SignatureInvalid) or (caller is not None and caller.partner.test_mode)
    params: Mapping[str, object] = getattr(error, "params", {})
    language = str(params.get("language") or _language(request, view, caller))
    body = {"code": error.code, "msg": translated_text(error, detailed=detailed, language=language)}
    headers = {"Retry-After": str(error.params["retry_after"])} if isinstance(error, TooManyCalls) else None
    return Response({**body, **getattr(view, "error_extra", {})}, status=status, headers=headers)
