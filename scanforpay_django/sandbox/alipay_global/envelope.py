"""The older envelope: parameters in, XML out.

What is signed is every parameter but sign and sign_type that is not empty, sorted, with raw values, joined by &.
Answers are XML; a trade's fields are signed the same way.
"""

from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

from django.http import HttpRequest, HttpResponse, QueryDict

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
    """Form and query string as one. Raises ApiError for anything given twice, but for a charset in both places."""
    sources = (request.GET, _form(request))
    pairs = [(name, value) for source in sources for name, v in source.lists() for value in v]
    found = {name: str(value) for name, value in pairs}
    charsets = [source.getlist("_input_charset") for source in sources]
    repeated = 1 if charsets[0] and charsets[0] == charsets[1] else 0
    if len(found) != len(pairs) - repeated:
        raise ApiError("ILLEGAL_ARGUMENT")
    return found


def _form(request: HttpRequest) -> QueryDict:
    """A posted form. Which charset it is in says the address, not the form itself: without it GBK.

    Source: docs.antom.com, alipay.acquire.overseas.spot.refund: "If you use POST method, please specify _input_charset
    in the request URL"; its table gives GBK as the default.
    """
    if request.content_type != "application/x-www-form-urlencoded":
        return request.POST
    return QueryDict(request.body, encoding=request.GET.get("_input_charset", "gbk").lower())


def find_partner(params: Mapping[str, str]) -> Merchant:
    """The partner that signed a call in UTF-8. Raises ApiError."""
    merchant = find_signer(params)
    if params.get("_input_charset", "").lower() != "utf-8":
        raise ApiError("ILLEGAL_CHARSET")
    return merchant


def find_signer(params: Mapping[str, str]) -> Merchant:
    """The partner that signed. Raises ApiError."""
    merchant = Merchant.objects.filter(app=Platform.ALIPAY_GLOBAL, number=params.get("partner", "")).first()
    if merchant is None:
        raise ApiError("ILLEGAL_PARTNER")
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


def answer(
    params: Mapping[str, str], found: Mapping[str, str] | None, *, name: str = "trade"
) -> HttpResponse:
    """is_success T, with a signed object if there is one: <trade>, or <alipay> of the services alipay.acquire.*."""
    asked = "".join(
        f"<param name={quoteattr(name)}>{escape(value)}</param>"
        for name, value in params.items()
        if name not in UNSIGNED
    )
    inner = f"<request>{asked}</request>"
    if found is not None:
        fields = "".join(f"<{field}>{escape(value)}</{field}>" for field, value in found.items())
        inner += f"<response><{name}>{fields}</{name}></response>"
        inner += f"<sign>{escape(sign(found))}</sign><sign_type>RSA2</sign_type>"
    return _xml(f"<is_success>T</is_success>{inner}")


def refused(fault: ApiError) -> HttpResponse:
    """is_success F and the word, unsigned."""
    return _xml(f"<is_success>F</is_success><error>{escape(fault.word)}</error>")


def _xml(inner: str) -> HttpResponse:
    text = f'<?xml version="1.0" encoding="utf-8"?>\n<alipay>{inner}</alipay>'
    response = HttpResponse(text, content_type="text/xml;charset=utf-8")
    response["Cache-Control"] = "private, no-store"
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
