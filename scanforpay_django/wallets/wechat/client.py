"""Signed calls to WeChat Pay API v3 and the proof of what comes back.

Source: pay.weixin.qq.com/doc/v3/merchant, "Signature generation" and "Signature verification".
"""

import json
import logging
import secrets
import time
from collections.abc import Mapping
from functools import cached_property
from typing import IO, Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from django.views.decorators.debug import sensitive_variables

from scanforpay_django.exceptions import (
    PlatformError,
    PlatformRefused,
    PlatformSaysPaid,
    PlatformSignatureInvalid,
    PlatformUnreachable,
)
from scanforpay_django.transport import HttpAnswer
from scanforpay_django.wallets.base import Account
from scanforpay_django.wallets.bills.bill_type import FetchedBill
from scanforpay_django.wallets.bills.proof import sha1_packed, sha1_unpacked
from scanforpay_django.wallets.platform_client import (
    FileClient,
    PlatformClient,
    origin,
    parse_object,
    read_key,
)
from scanforpay_django.wallets.rsa import load_private_key, load_public_key, rsa_seal, rsa_sign, rsa_verify
from scanforpay_django.wallets.wechat.signatures import answer_text, wechat_request_text

logger = logging.getLogger(__name__)

MAX_SKEW_SECONDS = 300
PAID_CODES = {"ORDERPAID"}


class WeChatPayClient:
    """One account's calls. Keys are parsed once, at first use."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.http = PlatformClient((url for _name, url in account.hosts), wallet=account.wallet)
        self._files = FileClient(url for _name, url in account.hosts)

    @cached_property
    def private_key(self) -> RSAPrivateKey:
        """The merchant's key; it signs calls and bridge parameters alike."""
        return read_key(load_private_key, self.account.secret("private_key"))

    @cached_property
    def _certificates(self) -> dict[str, RSAPublicKey]:
        """Platform certificates' keys by serial number, newest first."""
        pem = self.account.value("platform_certificates").encode("ascii", "replace")
        found = read_key(x509.load_pem_x509_certificates, pem) if b"BEGIN" in pem else []
        found.sort(key=lambda certificate: certificate.not_valid_before_utc, reverse=True)
        keys = ((f"{one.serial_number:X}", one.public_key()) for one in found)
        return {serial: key for serial, key in keys if isinstance(key, RSAPublicKey)}

    @cached_property
    def _verify_keys(self) -> dict[str, RSAPublicKey]:
        """Keys by id in lower case: a public-key id or a certificate's serial; both while WeChat migrates."""
        keys = {_key_id(serial): key for serial, key in self._certificates.items()}
        if self.account.value("public_key") and self.account.value("public_key_id"):
            keys[_key_id(self.account.value("public_key_id"))] = read_key(
                load_public_key, self.account.value("public_key")
            )
        return keys

    def call(self, method: str, path: str, content: dict[str, Any] | None = None) -> dict[str, Any]:
        """One signed call; the verified answer. Raises the PlatformError tree."""
        # Serialised once: what is signed is what is sent.
        body = (
            b""
            if content is None
            else json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        )
        answer = self._send(method, path, body)
        if not 200 <= answer.status < 300:
            raise self._error(answer)
        self.verify(answer.headers, answer.body)
        return parse_object(answer.body) if answer.body else {}

    def _send(self, method: str, path: str, body: bytes) -> HttpAnswer:
        """To the main host; where it cannot be reached at all, to the disaster-recovery host."""
        hosts = dict(self.account.hosts)
        try:
            return self._send_to(hosts["api"] + path, method, body)
        except PlatformUnreachable:
            if not hosts.get("api2"):
                raise
            return self._send_to(hosts["api2"] + path, method, body)

    @sensitive_variables()
    def seal(self, text: str) -> str:
        """A person's name or card number, for WeChat Pay alone, with the key that Wechatpay-Serial names. Raises
        PlatformError for a text that is too long, and where the account has no key of WeChat Pay's.
        """
        key = self._verify_keys.get(_key_id(self._serial))
        if key is None:
            raise PlatformError("the account has no key of WeChat Pay's to encrypt with")
        try:
            return rsa_seal(key, text)
        except ValueError as error:
            raise PlatformError("the text is too long to be encrypted") from error

    @property
    def _serial(self) -> str:
        """The key by which both sides know each other while WeChat Pay migrates from certificates to public keys."""
        return self.account.value("public_key_id") or next(iter(self._certificates), "")

    def _send_to(self, url: str, method: str, body: bytes) -> HttpAnswer:
        headers = {
            "Authorization": self._authorization(method, url, body),
            "Accept": "application/json",
            "User-Agent": "scanforpay_django",
        }
        # It decides which key signs the answer, and says with which one the request's secrets are sealed.
        if self._serial:
            headers["Wechatpay-Serial"] = self._serial
        if body:
            headers["Content-Type"] = "application/json"
        return self.http.call(method, url, headers, body or None)

    def download(self, found: Mapping[str, Any], into: IO[bytes]) -> FetchedBill:
        """A bill, verified by its hash, which came signed. Raises PlatformSignatureInvalid, PlatformError."""
        url = str(found.get("download_url", ""))
        if origin(url) not in {origin(host) for _name, host in self.account.hosts}:
            raise PlatformSignatureInvalid("the bill lies at another host")
        answer = self._files.download(url, self._file_headers(url), into)
        if answer.status != 200:
            raise self._error(answer)
        stated_hash = str(found.get("hash_value", "")).lower()
        if found.get("hash_type") != "SHA1" or sha1_unpacked(into) != stated_hash:
            raise PlatformSignatureInvalid("the bill's hash is not right")
        return FetchedBill(platform_hash=f"SHA1 {stated_hash}", is_proven=True)

    def download_statement(self, path: str, into: IO[bytes]) -> FetchedBill:
        """A bill that is the answer itself, with its hash in a header, which is not signed: TLS alone says whose it is.
        Source: pay.weixin.qq.com/doc/global/v3/zh/4012354484. Raises PlatformSignatureInvalid, PlatformError.
        """
        url = self.account.host("api") + path
        headers = {**self._file_headers(url), "Accept-Encoding": "gzip"}
        answer = self._files.download(url, headers, into)
        if answer.status != 200:
            raise self._error(answer)
        stated_hash = answer.headers.get("Wechatpay-Statement-Sha1", "").strip().lower()
        # Whether it is over the file before or after it was packed is not said.
        if stated_hash not in (sha1_unpacked(into), sha1_packed(into)):
            raise PlatformSignatureInvalid("the bill's hash is missing or not right")
        return FetchedBill(platform_hash=f"SHA1 {stated_hash}", is_proven=True)

    def _file_headers(self, url: str) -> dict[str, str]:
        return {
            "Authorization": self._authorization("GET", url, b""),
            "Accept": "*/*",
            "User-Agent": "scanforpay_django",
        }

    def _authorization(self, method: str, url: str, body: bytes) -> str:
        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        timestamp, nonce = str(int(time.time())), secrets.token_hex(16)
        signature = rsa_sign(self.private_key, wechat_request_text(method, path, timestamp, nonce, body))
        return (
            f'WECHATPAY2-SHA256-RSA2048 mchid="{self.account.value("mchid")}",nonce_str="{nonce}",'
            f'timestamp="{timestamp}",serial_no="{self.account.value("serial_no")}",signature="{signature}"'
        )

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """The key by its id, five minutes, the raw bytes. Raises PlatformSignatureInvalid."""
        timestamp = headers.get("Wechatpay-Timestamp", "")
        if not timestamp.isdecimal() or len(timestamp) > 12:
            raise PlatformSignatureInvalid("no Wechatpay-Timestamp")
        if abs(time.time() - int(timestamp)) >= MAX_SKEW_SECONDS:
            raise PlatformSignatureInvalid("the message is older than five minutes, or a clock is wrong")
        key = self._verify_keys.get(_key_id(headers.get("Wechatpay-Serial", "")))
        if key is None:
            raise PlatformSignatureInvalid("signed with a key that this account does not know")
        text = answer_text(timestamp, headers.get("Wechatpay-Nonce", ""), body)
        if not rsa_verify(key, text, headers.get("Wechatpay-Signature", "")):
            raise PlatformSignatureInvalid

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


def _key_id(text: str) -> str:
    """A public key's id or a certificate's serial, however it is cased and padded."""
    return text.strip().lower().lstrip("0")


def normal(code: str) -> str:
    """An error code without underscores: documents of different years disagree on them."""
    return code.upper().replace("_", "")
