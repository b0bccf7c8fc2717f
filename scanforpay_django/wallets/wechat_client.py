"""Signed calls to WeChat Pay API v3 and the proof of what comes back.

Source: pay.weixin.qq.com/doc/v3/merchant, "Signature generation" and "Signature verification".
"""

import json
import logging
import secrets
import time
from collections.abc import Mapping
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from scanforpay_django.exceptions import NotProven, PlatformError, PlatformRefused, PlatformSaysPaid
from scanforpay_django.transport import HttpAnswer
from scanforpay_django.wallets.base import Account
from scanforpay_django.wallets.platform_client import PlatformClient, parse_object
from scanforpay_django.wallets.rsa import load_private_key, load_public_key, rsa_sign, rsa_verify
from scanforpay_django.wallets.wechat_crypto import answer_text, request_text

logger = logging.getLogger(__name__)

MAX_SKEW_SECONDS = 300
PAID_CODES = {"ORDERPAID"}


class WeChatPayClient:
    """One account's calls. Keys are parsed once, at first use."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.http = PlatformClient(url for _name, url in account.hosts)

    @cached_property
    def private_key(self) -> RSAPrivateKey:
        """The merchant's key; it signs calls and bridge parameters alike."""
        return load_private_key(self.account.secret("private_key"))

    @cached_property
    def _verify_keys(self) -> dict[str, RSAPublicKey]:
        """Keys by id in lower case: a public-key id or a certificate's serial; both while WeChat migrates."""
        keys: dict[str, RSAPublicKey] = {}
        if self.account.value("public_key"):
            keys[self.account.value("public_key_id").lower()] = load_public_key(
                self.account.value("public_key")
            )
        pem = self.account.value("platform_certificates").encode("ascii", "replace")
        for certificate in x509.load_pem_x509_certificates(pem) if b"BEGIN" in pem else []:
            key = certificate.public_key()
            if isinstance(key, RSAPublicKey):
                keys[f"{certificate.serial_number:x}"] = key
        keys.pop("", None)
        return keys

    def call(self, method: str, path: str, content: dict[str, Any] | None = None) -> dict[str, Any]:
        """One signed call; the verified answer. Raises the PlatformError tree."""
        url = self.account.host("api") + path
        # Serialised once: what is signed is what is sent.
        body = (
            b""
            if content is None
            else json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        )
        headers = {
            "Authorization": self._authorization(method, url, body),
            "Accept": "application/json",
            "User-Agent": "scanforpay_django",
        }
        if self.account.value("public_key_id"):
            headers["Wechatpay-Serial"] = self.account.value("public_key_id")
        if body:
            headers["Content-Type"] = "application/json"
        answer = self.http.call(method, url, headers, body or None)
        if not 200 <= answer.status < 300:
            raise self._error(answer)
        self.verify(answer.headers, answer.body)
        return parse_object(answer.body) if answer.body else {}

    def _authorization(self, method: str, url: str, body: bytes) -> str:
        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        timestamp, nonce = str(int(time.time())), secrets.token_hex(16)
        signature = rsa_sign(self.private_key, request_text(method, path, timestamp, nonce, body))
        return (
            f'WECHATPAY2-SHA256-RSA2048 mchid="{self.account.value("mchid")}",nonce_str="{nonce}",'
            f'timestamp="{timestamp}",serial_no="{self.account.value("serial_no")}",signature="{signature}"'
        )

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """The key by its id, five minutes, the raw bytes. Raises NotProven."""
        timestamp = headers.get("Wechatpay-Timestamp", "")
        if not timestamp.isdecimal() or len(timestamp) > 12:
            raise NotProven("no Wechatpay-Timestamp")
        if abs(time.time() - int(timestamp)) >= MAX_SKEW_SECONDS:
            raise NotProven("the message is older than five minutes, or a clock is wrong")
        key = self._verify_keys.get(headers.get("Wechatpay-Serial", "").lower())
        if key is None:
            raise NotProven("signed with a key that this account does not know")
        text = answer_text(timestamp, headers.get("Wechatpay-Nonce", ""), body)
        if not rsa_verify(key, text, headers.get("Wechatpay-Signature", "")):
            raise NotProven

    def _error(self, answer: HttpAnswer) -> PlatformError:
        request_id = answer.headers.get("Request-ID", "")
        try:
            code = str(parse_object(answer.body).get("code", ""))[:64]
        except PlatformError:
            code = ""
        logger.warning("WeChat Pay answered %s %s (request %s)", answer.status, code, request_id)
        kind: type[PlatformError] = PlatformRefused
        if normal(code) in PAID_CODES:
            kind = PlatformSaysPaid
        elif answer.status == 429 or answer.status >= 500:
            kind = PlatformError
        return kind(f"WeChat Pay: HTTP {answer.status} {code}", platform_code=code, request_id=request_id)


def normal(code: str) -> str:
    """An error code without underscores: documents of different years disagree on them."""
    return code.upper().replace("_", "")
