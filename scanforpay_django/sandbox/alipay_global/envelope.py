"""The older envelope: parameters in, XML out.

What is signed is every parameter but sign and sign_type that is not empty, sorted, with raw values, joined by &.
Answers are XML; a trade's fields are signed the same way.
"""

from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

from django.http import HttpRequest, HttpResponse

from scanforpay_django.sandbox.keys import cached_public_key, platform_signer
from scanforpay_django.sandbox.misbehave import Words, other_signature
from scanforpay_django.sandbox.models import Merchant, Platform
from scanforpay_django.wallets.rsa import rsa_verify

UNSIGNED = ("sign", "sign_type")


class ApiError(Exception):
    """A call is refused with one word."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


def parameters(request: HttpRequest) -> dict[str, str]:
    """Form and query string as one. Raises ApiError for anything given twice."""
    pairs = [
        (name, value) for source in (request.GET, request.POST) for name, v in source.lists() for value in v
    ]
    found = {name: str(value) for name, value in pairs}
    if len(found) != len(pairs):
        raise ApiError("ILLEGAL_ARGUMENT")
    return found


def find_partner(params: Mapping[str, str]) -> Merchant:
    """The partner that signed. Raises ApiError."""
    merchant = Merchant.objects.filter(app=Platform.ALIPAY_GLOBAL, number=params.get("partner", "")).first()
    if merchant is None:
        raise ApiError("ILLEGAL_PARTNER")
    if params.get("_input_charset", "").lower() != "utf-8":
        raise ApiError("ILLEGAL_CHARSET")
    if params.get("sign_type") != "RSA2":
        raise ApiError("ILLEGAL_SIGN_TYPE")
    if not rsa_verify(cached_public_key(merchant.public_key), signed_text(params), params.get("sign", "")):
        raise ApiError("ILLEGAL_SIGN")
    return merchant


def signed_text(fields: Mapping[str, str]) -> bytes:
    """The canonical text that the gateway signs and verifies."""
    names = sorted(name for name in fields if name not in UNSIGNED and fields[name] != "")
    return "&".join(f"{name}={fields[name]}" for name in names).encode()


def sign(fields: Mapping[str, str]) -> str:
    """The platform's signature of ``fields``."""
    return platform_signer(Platform.ALIPAY_GLOBAL).sign(signed_text(fields))


def answer(params: Mapping[str, str], trade: Mapping[str, str] | None) -> HttpResponse:
    """is_success T, with a signed trade if there is one."""
    asked = "".join(
        f"<param name={quoteattr(name)}>{escape(value)}</param>"
        for name, value in params.items()
        if name not in UNSIGNED
    )
    inner = f"<request>{asked}</request>"
    if trade is not None:
        fields = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in trade.items())
        inner += f"<response><trade>{fields}</trade></response>"
        inner += f"<sign>{escape(sign(trade))}</sign><sign_type>RSA2</sign_type>"
    return _xml(f"<is_success>T</is_success>{inner}")


def refused(fault: ApiError) -> HttpResponse:
    """is_success F and the word, unsigned."""
    return _xml(f"<is_success>F</is_success><error>{escape(fault.word)}</error>")


def _xml(inner: str) -> HttpResponse:
    text = f'<?xml version="1.0" encoding="utf-8"?>\n<alipay>{inner}</alipay>'
    response = HttpResponse(text, content_type="text/xml;charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response


def _spoiled(response: HttpResponse) -> HttpResponse:
    before, mark, rest = response.content.decode().partition("<sign>")
    if mark:
        response.content = before + mark + other_signature(rest)
    return response


WORDS = Words(
    http_500=lambda: HttpResponse("<html>500 Internal Server Error</html>", status=500),
    http_429=lambda: HttpResponse("<html>429 Too Many Requests</html>", status=429),
    spoiled=_spoiled,
)
