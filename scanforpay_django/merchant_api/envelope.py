"""The envelope {request|response, signature} in DRF's terms: parser, authentication, renderer, exception handler."""

import logging
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.utils import timezone, translation
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.debug import sensitive_variables
from rest_framework import exceptions as drf
from rest_framework.authentication import BaseAuthentication
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from scanforpay_django import codes, signing, wire
from scanforpay_django.conf import conf
from scanforpay_django.encryption import decrypt, encrypt
from scanforpay_django.exceptions import (
    FieldInvalid,
    FieldMissing,
    NotAuthorised,
    NotJson,
    RequestRefused,
    ScanForPayError,
    SignatureInvalid,
    TooManyCalls,
)
from scanforpay_django.merchant_api import limits
from scanforpay_django.models import Partner, SignKey, known
from scanforpay_django.models.known import KnownKey

logger = logging.getLogger(__name__)

DEFAULT_LANGUAGE = "zh-hans"
MESSAGE_LENGTH = 100
REQ_MSG_ID_LENGTH = 36
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, kw_only=True)
class Caller:
    """A proven caller: who it is and the key its answer is signed with."""

    partner: Partner
    sign_type: str
    secret: str = field(repr=False)
    # respMsgId of the answer, and what the order's timeline calls this request
    message_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    is_authenticated: bool = True


@lru_cache(maxsize=1)
def _dummy() -> tuple[str, str]:
    """The key of no partner, and its ciphertext."""
    secret = SignKey.generate()
    return secret, encrypt(secret)


def _partner_no(value: object) -> str:
    """A number that may be looked for; "" is nobody's."""
    named = isinstance(value, str) and len(value) <= 15 and not _UNPRINTABLE.search(value)
    return str(value) if named else ""


@sensitive_variables()
def _match(
    message: signing.Message, sign_type: str, keys: Sequence[KnownKey] | None, *, decrypting: bool = False
) -> KnownKey | None:
    """The key the message is signed with. All are tried, and where there is none as much is done in vain."""
    now = timezone.now()
    valid = [key for key in keys or () if key.row.is_valid_at(now)]
    right = [key for key in valid if signing.verify(message.raw, message.signature, key.secret, sign_type)]
    if not valid:
        secret, ciphertext = _dummy()
        signing.verify(
            message.raw, message.signature, decrypt(ciphertext) if decrypting else secret, sign_type
        )
    return right[0] if right else None


class TooLarge(NotJson):
    """The body is larger than allowed."""

    status = 413


class EnvelopeParser(BaseParser):
    """Reads {"request": {...}, "signature": ...} strictly into a signing.Message. Raises NotJson."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """The message; nothing of it is proven."""
        self._check_media_type(media_type or "")
        body = stream.read(signing.MAX_BODY_BYTES + 1)
        if len(body) > signing.MAX_BODY_BYTES:
            raise TooLarge(rule=f"larger than {signing.MAX_BODY_BYTES} bytes")
        try:
            return signing.read_message(body, "request")
        except signing.NotAMessage as error:
            raise NotJson(rule=str(error)) from error

    @staticmethod
    def _check_media_type(media_type: str) -> None:
        kind, *parameters = (part.strip().lower() for part in media_type.split(";"))
        if kind != "application/json":
            raise NotJson(rule="Content-Type must be application/json")
        for parameter in parameters:
            name, _equals, value = parameter.partition("=")
            if name.strip() == "charset" and value.strip(' "') not in ("utf-8", "utf8"):
                raise NotJson(rule="charset must be utf-8")


def message_of(request: Request) -> signing.Message:
    """The parsed message of a call. Raises NotJson for an empty body."""
    if not isinstance(request.data, signing.Message):
        raise NotJson(rule="empty body")
    return request.data


def _header(message: signing.Message) -> dict[str, Any]:
    header = message.value.get("header")
    return header if isinstance(header, dict) else {}


class SignatureAuthentication(BaseAuthentication):
    """Finds the partner and proves the caller by the signature over the raw bytes."""

    def authenticate(self, request: Request) -> tuple[Caller, Caller]:
        """The caller. Raises SignatureInvalid for everyone who is not proven, then what a proven one may not."""
        message = message_of(request)
        header = _header(message)
        caller = self._prove(request, message, header)
        # From here on the answer may be signed, whatever the call is refused for.
        request._request.scanforpay_caller = caller  # type: ignore[attr-defined]  # noqa: SLF001
        if not caller.partner.is_active:
            raise NotAuthorised
        limits.check_proven(request._request, caller.partner)  # noqa: SLF001
        self._check_header(header, caller.partner)
        return caller, caller

    @sensitive_variables()
    def _prove(self, request: Request, message: signing.Message, header: dict[str, Any]) -> Caller:
        """The same work for a partner that is not there: nobody may tell one from a wrong signature by the time."""
        sign_type = header.get("signType") or signing.SHA256
        spoken = sign_type if sign_type in (signing.SHA256, signing.HMAC_SHA256) else signing.SHA256
        number = _partner_no(header.get("partnerNo"))
        found = _match(message, spoken, known.sign_keys.remembered(number))
        # Whoever is not proven by what is remembered costs one look-up, known or not.
        found = found or _match(message, spoken, known.sign_keys.fresh(number), decrypting=True)
        if found is None or sign_type != spoken:
            limits.check_unproven(request._request)  # noqa: SLF001
            raise SignatureInvalid
        partner = found.row.partner
        # A header with respTime is an answer or notification of ours, replayed: it proves nobody.
        if "respTime" in header or (spoken == signing.HMAC_SHA256 and not partner.allow_hmac):
            raise SignatureInvalid
        known.touch(found.row)
        return Caller(partner=partner, sign_type=spoken, secret=found.secret)

    @staticmethod
    def _check_header(header: dict[str, Any], partner: Partner) -> None:
        if header.get("version") in (None, ""):
            raise FieldMissing(field="version")
        if header["version"] != wire.VERSION:
            raise FieldInvalid(field="version", rule="1.0")
        req_msg_id = header.get("reqMsgId")
        if req_msg_id is not None and not _is_echoable(req_msg_id):
            raise FieldInvalid(field="reqMsgId", rule=gettext_noop("at most 36 printable characters"))
        name = "reqTime" if header.get("reqTime") not in (None, "") else "requestTime"
        _check_time(header.get(name), name, partner)

    def authenticate_header(self, request: Request) -> str:
        """No scheme of HTTP's own is spoken here."""
        return "Signature"


def _is_echoable(value: object) -> bool:
    return isinstance(value, str) and len(value) <= REQ_MSG_ID_LENGTH and not _UNPRINTABLE.search(value)


def _echo(value: object) -> str:
    return str(value) if _is_echoable(value) else ""


def _check_time(value: object, name: str, partner: Partner) -> None:
    if value in (None, ""):
        raise FieldMissing(field="reqTime")
    try:
        moment = parse_datetime(value) if isinstance(value, str) and len(value) <= 40 else None
    except ValueError:
        moment = None
    if moment is None or timezone.is_naive(moment):
        raise FieldInvalid(
            field=name, rule=gettext_noop("RFC 3339 with offset, e.g. 2026-01-02T03:04:05+08:00")
        )
    window = partner.request_window_seconds
    window = conf.request_window_seconds if window is None else window
    try:
        skew = abs((timezone.now() - moment).total_seconds())
    except OverflowError:
        skew = window + 1.0
    if window and skew > window:
        raise NotAuthorised(detail=f"{name} is more than {window} s off")


class EnvelopeRenderer(BaseRenderer):
    """Writes {"response": {header, body}, "signature": ...}; signed for proven callers only."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None
    ) -> bytes:
        """The answer's bytes."""
        return sealed((renderer_context or {})["request"], data)


def sealed(request: Request, body: dict[str, Any]) -> bytes:
    """The answer's bytes, as both kinds of published client verify them."""
    caller: Caller | None = getattr(request._request, "scanforpay_caller", None)  # noqa: SLF001
    asked = _asked_header(request)
    header = wire.header(
        caller.partner.partner_no if caller else _echo(asked.get("partnerNo")),
        req_msg_id=_echo(asked.get("reqMsgId")),
        sign_type=caller.sign_type if caller else signing.SHA256,
        message_id=caller.message_id if caller else "",
    )
    raw = signing.encode({"header": header, "body": body})
    signature = signing.sign(raw, caller.secret, caller.sign_type) if caller else ""
    return signing.envelope("response", raw, signature)


def _asked_header(request: Request) -> dict[str, Any]:
    try:
        return _header(message_of(request))
    except (RequestRefused, drf.APIException):
        return {}


class AnyNegotiation(BaseContentNegotiation):
    """There is one parser and one renderer; what the client claims to accept does not matter."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """The only one."""
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        """The only one."""
        return renderers[0], renderers[0].media_type


def text_of(error: ScanForPayError, *, detailed: bool, language: str) -> str:
    """``msg`` for an error, at most 100 characters, in the language given."""
    template = codes.TEXTS.get(error.code, codes.TEXTS[codes.SYSTEM_ERROR])
    params: Mapping[str, object] = getattr(error, "params", {})
    with translation.override(language):
        rule = params.get("rule")
        shown = {**params, "rule": _(str(rule)) if rule else ""}
        text = _(template) % shown if "%(" in template else _(template)
        if detailed and params.get("detail"):
            text = f"{text} {params['detail']}"
    return text[:MESSAGE_LENGTH]


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response:
    """Every failure as an envelope: HTTP 200 for business errors, other statuses where it is no API call at all."""
    request, view = context["request"], context["view"]
    caller: Caller | None = getattr(request._request, "scanforpay_caller", None)  # noqa: SLF001
    status = 200
    if isinstance(error, drf.APIException):
        status, error = error.status_code, NotJson(rule=str(error.detail))
    elif not isinstance(error, ScanForPayError):
        logger.exception("call failed", exc_info=error)
        status, error = 500, ScanForPayError()
    status = getattr(error, "status", status)
    detailed = caller is not None and caller.partner.test_mode
    language = getattr(view, "language", DEFAULT_LANGUAGE)
    body = {"code": error.code, "msg": text_of(error, detailed=detailed, language=language)}
    headers = {"Retry-After": str(error.params["retry_after"])} if isinstance(error, TooManyCalls) else None
    return Response({**body, **getattr(view, "error_extra", {})}, status=status, headers=headers)
