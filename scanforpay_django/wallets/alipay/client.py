"""Signed calls to Alipay's OpenAPI v2 and the proof of what comes back, with keys or with certificates.

Source: opendocs.alipay.com, "Signing" and "Certificate mode".
"""

import json
import logging
from collections.abc import Mapping
from functools import cached_property
from typing import IO, Any
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from scanforpay_django import clock
from scanforpay_django.conf import conf
from scanforpay_django.exceptions import (
    PlatformError,
    PlatformRefused,
    PlatformSaysPaid,
    PlatformSignatureInvalid,
    SignInExpired,
)
from scanforpay_django.wallets.alipay.certificates import certificate_sn, root_sn
from scanforpay_django.wallets.alipay.signatures import alipay_request_text, answer_slice, notification_text
from scanforpay_django.wallets.platform_client import (
    FileClient,
    PlatformClient,
    origin,
    parse_object,
    read_key,
)
from scanforpay_django.wallets.rsa import load_private_key, load_public_key, rsa_sign, rsa_verify
from scanforpay_django.wallets.values import Account

logger = logging.getLogger(__name__)

# Alipay's clock stands in Beijing, wherever the server is.
BEIJING = ZoneInfo("Asia/Shanghai")
PAID_CODE = "ACQ.TRADE_HAS_SUCCESS"
# What Alipay may answer although the outcome is open, or that passes after a while.
PASSING_CODES = {"ACQ.SYSTEM_ERROR", "aop.ACQ.SYSTEM_ERROR", "isp.unknow-error", "20000"}
_EXPIRED_SIGN_IN_CODES = {"isv.code-invalid"}
# The longest is a page of the list of sales: a thousand titles of up to 256 characters, and what stands beside them.
MAX_ANSWER_BYTES = 4 << 20
CODE_SUCCESS, CODE_IN_PROCESS, CODE_UNAVAILABLE = "10000", "10003", "20000"


class AlipayClient:
    """One account's calls. Keys are parsed once, at first use."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._http = PlatformClient(
            (url for _name, url in account.hosts), wallet=account.wallet, max_bytes=MAX_ANSWER_BYTES
        )
        self._files = FileClient(url for _name, url in account.hosts)

    @cached_property
    def private_key(self) -> RSAPrivateKey:
        """The application's key, with which every call is signed."""
        return read_key(load_private_key, self.account.secret("private_key"))

    @cached_property
    def _alipay_key(self) -> RSAPublicKey:
        return read_key(
            load_public_key,
            self.account.value("alipay_certificate") or self.account.value("alipay_public_key"),
        )

    @cached_property
    def _certificate_numbers(self) -> dict[str, str]:
        """What certificate mode adds to every request."""
        if not self.account.value("alipay_certificate"):
            return {}
        return {
            "app_cert_sn": certificate_sn(self.account.value("app_certificate")),
            "alipay_root_cert_sn": root_sn(self.account.value("root_certificates")),
        }

    def signed(
        self, method: str, extra: Mapping[str, str], content: Mapping[str, Any] | None
    ) -> dict[str, str]:
        """A request's parameters, stamped now and signed."""
        params = {
            "app_id": self.account.value("app_id"),
            "method": method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": "RSA2",
            # Beijing's clock whatever the server's zone: alipay-easysdk issue 61.
            "timestamp": clock.now().astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S"),
            "version": "1.0",
            **self._certificate_numbers,
            **{name: value for name, value in extra.items() if value},
        }
        if self.account.secret("app_auth_token"):
            params["app_auth_token"] = self.account.secret("app_auth_token")
        if content is not None:
            # Signed as it is sent: these very bytes.
            params["biz_content"] = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        params["sign"] = rsa_sign(self.private_key, alipay_request_text(params))
        return params

    def page_url(self, method: str, extra: Mapping[str, str], content: Mapping[str, Any]) -> str:
        """The address of a page of Alipay's: no call is made here."""
        return f"{self.account.host('gateway')}?{urlencode(self.signed(method, extra, content))}"

    def call(
        self, method: str, extra: Mapping[str, str] | None = None, content: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """One signed call; the verified answer, of code 10000 or 10003. Raises the PlatformError tree."""
        params = self.signed(method, extra or {}, content)
        headers = {"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"}
        answer = self._http.call("POST", self.account.host("gateway"), headers, urlencode(params).encode())
        # Refusals are 200 too; another status is the gateway's own.
        if answer.status != 200:
            raise PlatformError(f"Alipay: HTTP {answer.status}", platform_code=str(answer.status))
        return self._open(method, answer.body)

    def download(self, url: str, into: IO[bytes]) -> None:
        """A file at an address that came signed. Alipay's documents show http:// addresses, where others on the way can
        change a file that has no hash: https is asked first, at the same host and path, and http only where
        SCANFORPAY_BILL_OVER_HTTP allows it. Raises PlatformSignatureInvalid, PlatformError.
        """
        is_ours = origin(url) in {origin(host) for _name, host in self.account.hosts}
        scheme, _, place = url.partition("://")
        # A scheme counts in any case: HTTP:// is no https.
        if is_ours or scheme.lower() != "http":
            self._fetch(url, into)
            return
        try:
            self._fetch(f"https://{place}", into)
        except PlatformError as error:
            if not conf.bill_over_http:
                raise PlatformSignatureInvalid(
                    "the bill does not come by https; SCANFORPAY_BILL_OVER_HTTP = True takes it by http"
                ) from error
            self._fetch(url, into)

    def _fetch(self, url: str, into: IO[bytes]) -> None:
        answer = self._files.download(url, {"Accept": "*/*"}, into)
        if answer.status != 200:
            raise PlatformError(f"Alipay: HTTP {answer.status} for a bill")

    def verify_form(self, body: bytes) -> dict[str, str]:
        """A notification's fields after their signature was checked. Raises PlatformSignatureInvalid."""
        params = parse_form(body)
        # Decoded once, and with the blank fields: alipay-easysdk lost those (its issue 237).
        if not rsa_verify(self._alipay_key, notification_text(params), params.get("sign", "")):
            raise PlatformSignatureInvalid
        return params

    def _open(self, method: str, body: bytes) -> dict[str, Any]:
        """The verified answer. An error_response may be unsigned: it counts as an error only."""
        found = parse_object(body)
        name = f"{method.replace('.', '_')}_response"
        if not isinstance(found.get(name), dict):
            raise self._error(method, found.get("error_response"))
        try:
            # The signature is over the object as it stands in the text, not as a parser would write it.
            raw = answer_slice(body.decode("utf-8"), name)
        except ValueError as error:
            raise PlatformSignatureInvalid("the answer cannot be read") from error
        if not rsa_verify(self._alipay_key, raw.encode(), str(found.get("sign", ""))):
            raise PlatformSignatureInvalid
        self._check_certificate(found)
        # What is read is what was verified: of two objects under one name the parser takes the other.
        content = parse_object(raw.encode())
        # oauth.token succeeds without a code.
        if str(content.get("code", CODE_SUCCESS)) not in (CODE_SUCCESS, CODE_IN_PROCESS):
            raise self._error(method, content)
        return content

    def _check_certificate(self, found: Mapping[str, Any]) -> None:
        named = found.get("alipay_cert_sn")
        if (
            named
            and self._certificate_numbers
            and named != certificate_sn(self.account.value("alipay_certificate"))
        ):
            raise PlatformSignatureInvalid("Alipay signs with a newer certificate than the account has")

    def _error(self, method: str, content: object) -> PlatformError:
        details: dict[str, Any] = content if isinstance(content, dict) else {}
        code = str(details.get("sub_code") or details.get("code") or "")[:64]
        logger.warning("Alipay answered %s to %s", code, method)
        kind: type[PlatformError] = PlatformRefused
        if code == PAID_CODE:
            kind = PlatformSaysPaid
        elif code in _EXPIRED_SIGN_IN_CODES:
            kind = SignInExpired
        elif code in PASSING_CODES or not code or str(details.get("code")) == CODE_UNAVAILABLE:
            kind = PlatformError
            self._http.report_error(self.account.host("gateway"), code or "no code")
        return kind(f"Alipay: {code} {details.get('sub_msg', '')}"[:200], platform_code=code)


def parse_form(body: bytes) -> dict[str, str]:
    """A notification's fields, blank ones too, decoded once. PlatformSignatureInvalid also where one stands twice."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=200,
            strict_parsing=True,
        )
    except ValueError as error:
        raise PlatformSignatureInvalid("the body is no form") from error
    found = dict(pairs)
    if len(found) != len(pairs):
        raise PlatformSignatureInvalid("a field stands twice")
    return found
