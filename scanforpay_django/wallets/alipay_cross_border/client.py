"""Signed calls to the cross-border gateway and the proof of what comes back.

Source: docs.antom.com/ac/hkapi, "Signing", "notify_verify" and the pages of the single services.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode
from xml.etree import ElementTree

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from scanforpay_django.exceptions import PlatformError, PlatformSignatureInvalid
from scanforpay_django.transport import HttpAnswer
from scanforpay_django.wallets.alipay.client import parse_form
from scanforpay_django.wallets.platform_client import PlatformClient, read_key
from scanforpay_django.wallets.rsa import load_private_key, load_public_key, rsa_sign, rsa_verify
from scanforpay_django.wallets.values import Account

CHARSET = "utf-8"
_ENCODING = re.compile(rb"<\?xml[^>]*encoding=[\"']([A-Za-z0-9_-]{1,20})[\"']")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An XML answer. ``fields`` are those of its one signed object, not verified yet."""

    is_success: bool
    # one word, "" where there is none
    error: str
    fields: Mapping[str, str]
    signature: str


class CrossBorderClient:
    """One account's calls. Keys are parsed once, at first use."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._http = PlatformClient((url for _name, url in account.hosts), wallet=account.wallet)

    @cached_property
    def _private_key(self) -> RSAPrivateKey:
        return read_key(load_private_key, self.account.secret("private_key"))

    @cached_property
    def _alipay_key(self) -> RSAPublicKey:
        return read_key(load_public_key, self.account.value("alipay_public_key"))

    def page_url(self, params: Mapping[str, str]) -> str:
        """The address of a page of the platform's: no call is made here."""
        return (
            f"{self.account.host('gateway')}?{urlencode(self._signed({**params, '_input_charset': CHARSET}))}"
        )

    def call(self, params: Mapping[str, str]) -> Answer:
        """One signed call. Its fields are not verified yet: see ``verified``. Raises PlatformError."""
        headers = {"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"}
        body = urlencode(self._signed({**params, "_input_charset": CHARSET})).encode()
        # Of a POST the gateway learns the charset from the address; without it the body counts as GBK. Source:
        # docs.antom.com, alipay.acquire.overseas.spot.refund, "Note"; the official PHP demo sends it in both places.
        url = f"{self.account.host('gateway')}?{urlencode({'_input_charset': CHARSET})}"
        return read_answer(_check_status(self._http.call("POST", url, headers, body)).body)

    def verified(self, answer: Answer) -> dict[str, str]:
        """The fields of a successful answer, whose signature was checked. Raises PlatformError."""
        if not answer.is_success or not answer.fields:
            raise PlatformError(f"Alipay: {answer.error}", platform_code=answer.error)
        if not rsa_verify(self._alipay_key, signed_text(answer.fields), answer.signature):
            raise PlatformSignatureInvalid
        return dict(answer.fields)

    def verify_form(self, body: bytes) -> dict[str, str]:
        """A notification's fields after their signature was checked. Raises PlatformSignatureInvalid."""
        params = parse_form(body)
        if not rsa_verify(self._alipay_key, signed_text(params), params.get("sign", "")):
            raise PlatformSignatureInvalid
        return params

    def sent_notification(self, notify_id: str) -> bool:
        """notify_verify: whether the gateway sent us a notification of this id, in the last minute.

        Source: global.alipay.com/doc/global/notify_verify: the answer is the one word "true"; its table of parameters
        has no _input_charset. The minute: the official demos. Raises PlatformError.
        """
        params = {
            "service": "notify_verify",
            "partner": self.account.value("partner"),
            "notify_id": notify_id,
        }
        url = f"{self.account.host('gateway')}?{urlencode(self._signed(params))}"
        answer = _check_status(self._http.call("GET", url, {"Accept": "*/*"}))
        return answer.body.strip().lower() == b"true"

    def _signed(self, params: Mapping[str, str]) -> dict[str, str]:
        whole = {**params, "partner": self.account.value("partner")}
        return {**whole, "sign": rsa_sign(self._private_key, signed_text(whole)), "sign_type": "RSA2"}


def signed_text(params: Mapping[str, str]) -> bytes:
    """What is signed: sign and sign_type are both left out, and so is what is empty."""
    names = sorted(name for name in params if name not in ("sign", "sign_type") and params[name] != "")
    return "&".join(f"{name}={params[name]}" for name in names).encode()


def read_answer(body: bytes) -> Answer:
    """The XML answer. The signed object is <trade> or <alipay> below <response>. Raises PlatformError."""
    root = _parse_xml(body)
    below = [*root.iterfind("response/*"), *root.iterfind("response/*/*")]
    leaves = [leaf for leaf in below if len(leaf) == 0]
    fields = {leaf.tag: leaf.text or "" for leaf in leaves}
    if len(fields) != len(leaves):
        raise PlatformSignatureInvalid("a field stands twice")
    return Answer(
        is_success=root.findtext("is_success") == "T",
        error=(root.findtext("error") or "")[:64],
        fields=fields,
        signature=root.findtext("sign") or "",
    )


def _parse_xml(body: bytes) -> ElementTree.Element:
    declared = _ENCODING.match(body)
    encoding = declared[1].decode("ascii").lower() if declared else "utf-8"
    if encoding not in ("utf-8", "gbk", "gb2312", "gb18030"):
        raise PlatformError("the platform's answer is in an unknown encoding")
    try:
        text = _DECLARATION.sub("", body.decode(encoding), count=1)
        # A document type could define entities; the platform sends none.
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise PlatformError("the platform's answer is not plain XML")
        return ElementTree.fromstring(text)  # noqa: S314 - without a document type there is nothing to expand
    except (ElementTree.ParseError, ValueError) as error:
        raise PlatformError("the platform's answer is not XML") from error


def _check_status(answer: HttpAnswer) -> HttpAnswer:
    """Refusals are 200 too; another status is the web server's own."""
    if answer.status != 200:
        raise PlatformError(f"Alipay: HTTP {answer.status}", platform_code=str(answer.status))
    return answer
