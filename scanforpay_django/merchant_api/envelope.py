"""The envelope {request|response, signature} in DRF's terms: parser, authentication, renderer."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_noop
from django.views.decorators.debug import sensitive_variables
from rest_framework import exceptions as drf
from rest_framework.authentication import BaseAuthentication
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from scanforpay_django import clock, signing, wire
from scanforpay_django.chunked_body import is_chunked
from scanforpay_django.conf import conf
from scanforpay_django.encryption import decrypt, encrypt
from scanforpay_django.exceptions import (
    NotAuthorised,
    NotJson,
    RequestRefused,
    SignatureInvalid,
    rule,
)
from scanforpay_django.merchant_api import limits
from scanforpay_django.merchant_api.restored import check_after_restore
from scanforpay_django.models import Cause, Partner, SignKey, Source, partner_cache
from scanforpay_django.models.partner_cache import CachedSignKey
from scanforpay_django.operations.signature import explain
from scanforpay_django.request_header import UNPRINTABLE, check_header, echo

DEFAULT_LANGUAGE = "zh-hans"
MESSAGE_LENGTH = 100
# A body longer than this is not explained: looking for mistakes in it takes too long, and anybody may ask.
LONGEST_EXPLAINED = 8192


@dataclass(frozen=True, kw_only=True)
class Caller:
    """A verified caller: who it is and the key its answer is signed with."""

    partner: Partner
    sign_type: str
    secret: str = field(repr=False)
    # respMsgId of the answer, and what the order's timeline calls this request
    message_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    is_authenticated: bool = True

    @property
    def cause(self) -> Cause:
        """What an order's timeline says of a change that this call makes."""
        return Cause(source=Source.API, actor=self.partner.partner_no, request_id=self.message_id)


@lru_cache(maxsize=1)
@sensitive_variables()
def _dummy(_encryption_keys: tuple[str, ...]) -> tuple[str, str]:
    """The key of no partner, and its ciphertext under the newest of the encryption keys."""
    secret = SignKey.generate()
    return secret, encrypt(secret)


def read_number(value: object) -> str:
    """A number that may be looked for, or "", which no partner has."""
    named = isinstance(value, str) and len(value) <= 15 and not UNPRINTABLE.search(value)
    return str(value) if named else ""


@sensitive_variables()
def _match(
    message: signing.Message,
    sign_type: str,
    keys: Sequence[CachedSignKey] | None,
    *,
    decrypting: bool = False,
) -> CachedSignKey | None:
    """The key the message is signed with. All are tried, and where there is none as much is done in vain."""
    now = clock.now()
    valid = [key for key in keys or () if key.row.is_valid_at(now)]
    right = [key for key in valid if signing.verify(message.raw, message.signature, key.secret, sign_type)]
    if not valid:
        secret, ciphertext = _dummy(tuple(conf.encryption_keys))
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
        """The message; nothing of it is verified."""
        self._check_media_type(media_type or "")
        body = stream.read(signing.MAX_MESSAGE_BYTES + 1)
        if len(body) > signing.MAX_MESSAGE_BYTES:
            raise TooLarge(
                rule=rule(gettext_noop("it is larger than %(limit)s bytes"), limit=signing.MAX_MESSAGE_BYTES)
            )
        try:
            return signing.read_message(body, "request")
        except signing.NotAMessage as error:
            raise NotJson(rule=error.args[0]) from error

    @staticmethod
    def _check_media_type(media_type: str) -> None:
        kind, *parameters = (part.strip().lower() for part in media_type.split(";"))
        if kind != "application/json":
            raise NotJson(rule=rule(gettext_noop("Content-Type must be application/json")))
        for parameter in parameters:
            name, _equals, value = parameter.partition("=")
            if name.strip() == "charset" and value.strip(' "') not in ("utf-8", "utf8"):
                raise NotJson(rule=rule(gettext_noop("the charset must be UTF-8")))


def get_message(request: Request) -> signing.Message:
    """The parsed message of a call. Raises NotJson for an empty body."""
    if not isinstance(request.data, signing.Message):
        if is_chunked(request._request):  # noqa: SLF001
            raise NotJson(rule=rule(gettext_noop("it came in chunks: send it with a Content-Length")))
        raise NotJson(rule=rule(gettext_noop("it is empty")))
    return request.data


def _header(message: signing.Message) -> dict[str, Any]:
    header = message.value.get("header")
    return header if isinstance(header, dict) else {}


class SignatureAuthentication(BaseAuthentication):
    """Finds the partner and verifies the caller by the signature over the raw bytes."""

    def authenticate(self, request: Request) -> tuple[Caller, Caller]:
        """The caller. Raises SignatureInvalid for an unverified caller, then what a verified one may not do."""
        message = get_message(request)
        header = _header(message)
        caller = self._prove(request, message, header)
        # From here on the answer may be signed, whatever the call is refused for.
        request._request.scanforpay_caller = caller  # type: ignore[attr-defined]  # noqa: SLF001
        if not caller.partner.is_active:
            raise NotAuthorised
        limits.check_proven(request._request, caller.partner)  # noqa: SLF001
        check_header(header, caller.partner)
        check_after_restore(header)
        return caller, caller

    @sensitive_variables()
    def _prove(self, request: Request, message: signing.Message, header: dict[str, Any]) -> Caller:
        """The same work for an unknown partner, so that the time does not tell it from a wrong signature."""
        sign_type = header.get("signType") or signing.SHA256
        spoken = sign_type if sign_type in (signing.SHA256, signing.HMAC_SHA256) else signing.SHA256
        number = read_number(header.get("partnerNo"))
        keys = partner_cache.sign_keys.remembered(number)
        found = _match(message, spoken, keys)
        if found is None:
            # A caller that the cache does not verify costs one query, known or not.
            keys = partner_cache.sign_keys.fresh(number)
            found = _match(message, spoken, keys, decrypting=True)
        if found is None or sign_type != spoken:
            limits.check_unproven(request._request)  # noqa: SLF001
            raise SignatureInvalid(**_why(message, keys))
        partner = found.row.partner
        # A header with respTime is an answer or notification of ours, replayed: it verifies no caller.
        if "respTime" in header or (spoken == signing.HMAC_SHA256 and not partner.allow_hmac):
            raise SignatureInvalid(**_why(message, keys))
        partner_cache.touch(found.row)
        return Caller(partner=partner, sign_type=spoken, secret=found.secret)

    def authenticate_header(self, request: Request) -> str:
        """No scheme of HTTP's own is spoken here."""
        return "Signature"


def _why(message: signing.Message, keys: Sequence[CachedSignKey] | None) -> dict[str, str]:
    """Explain the mistake to a partner in test mode; other callers learn nothing, not even by the time."""
    if not keys or not keys[0].row.partner.test_mode or len(message.body) > LONGEST_EXPLAINED:
        return {}
    partner = keys[0].row.partner
    language = partner.stores.values_list("language", flat=True).order_by("pk").first() or DEFAULT_LANGUAGE
    with translation.override(language):
        return {"detail": " ".join(map(str, explain(message, partner))), "language": language}


class EnvelopeRenderer(BaseRenderer):
    """Writes {"response": {header, body}, "signature": ...}; signed for verified callers only."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None
    ) -> bytes:
        return sealed((renderer_context or {})["request"], data)


def sealed(request: Request, body: dict[str, Any]) -> bytes:
    """The answer's bytes, as both kinds of published client verify them."""
    caller: Caller | None = getattr(request._request, "scanforpay_caller", None)  # noqa: SLF001
    asked = _asked_header(request)
    header = wire.header(
        caller.partner.partner_no if caller else echo(asked.get("partnerNo")),
        req_msg_id=echo(asked.get("reqMsgId")),
        sign_type=caller.sign_type if caller else signing.SHA256,
        message_id=get_message_id(request),
    )
    raw = signing.encode({"header": header, "body": body})
    signature = signing.sign(raw, caller.secret, caller.sign_type) if caller else ""
    return signing.envelope("response", raw, signature)


def get_message_id(request: Request) -> str:
    """The answer's respMsgId, by which the log and an order's timeline name the call too."""
    inner: Any = request._request  # noqa: SLF001
    caller: Caller | None = getattr(inner, "scanforpay_caller", None)
    if caller is not None:
        return caller.message_id
    if not hasattr(inner, "scanforpay_message_id"):
        inner.scanforpay_message_id = str(uuid.uuid4())
    return str(inner.scanforpay_message_id)


def _asked_header(request: Request) -> dict[str, Any]:
    try:
        return _header(get_message(request))
    except (RequestRefused, drf.APIException):
        return {}


class AnyNegotiation(BaseContentNegotiation):
    """There is one parser and one renderer; what the client claims to accept does not matter."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type
