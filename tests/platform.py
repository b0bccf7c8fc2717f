"""A platform as the tests play it: keys of its own, and notifications made by hand from the documents."""

import base64
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.test import Client

from scanforpay_django.models import Order, Payment, WalletAccount
from tests.merchant import Merchant

_KEYS: dict[str, rsa.RSAPrivateKey] = {}


def key(name: str) -> rsa.RSAPrivateKey:
    """One key per name and process: making one is slow."""
    if name not in _KEYS:
        _KEYS[name] = rsa.generate_private_key(65537, 2048)
    return _KEYS[name]


def private_pem(name: str) -> str:
    """PKCS#8."""
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key(name).private_bytes(pem, pkcs8, serialization.NoEncryption()).decode()


def public_pem(name: str) -> str:
    """SubjectPublicKeyInfo."""
    pem, spki = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return key(name).public_key().public_bytes(pem, spki).decode()


def rsa_signature(name: str, text: str | bytes) -> str:
    """SHA256 with RSA, base64."""
    raw = text if isinstance(text, bytes) else text.encode()
    return base64.b64encode(key(name).sign(raw, padding.PKCS1v15(), hashes.SHA256())).decode()


WECHAT_CONFIG = {
    "mchid": "1900000001",
    "appid": "wx0001",
    "serial_no": "AA01",
    "public_key_id": "PUB_KEY_ID_01",
}
APIV3_KEY = "0123456789abcdef0123456789abcdef"
ALIPAY_CONFIG = {"app_id": "2021000000000001", "seller_id": "2088000000000001"}


def give_credentials(merchant: Merchant) -> None:
    """Accounts whose platform is this module."""
    wechat = merchant.store.wallet_accounts.get(wallet="Wechat")
    wechat.config = {**WECHAT_CONFIG, "public_key": public_pem("wechat")}
    wechat.set_secrets({"private_key": private_pem("merchant"), "apiv3_key": APIV3_KEY, "app_secret": "s"})
    wechat.save()
    alipay = merchant.store.wallet_accounts.get(wallet="Alipay")
    alipay.config = {**ALIPAY_CONFIG, "alipay_public_key": public_pem("alipay")}
    alipay.set_secrets({"private_key": private_pem("merchant")})
    alipay.save()


def open_payment(merchant: Merchant, wallet: str, **order: Any) -> Payment:
    """An order with one open payment."""
    made = merchant.create(wallet=wallet, **order)
    found = Order.objects.get(order_no=made["orderNo"])
    return Payment.objects.create(
        order=found,
        account=merchant.store.wallet_accounts.get(wallet=wallet),
        wallet=wallet,
        product="jsapi",
        state=Payment.State.OPEN,
        amount=found.amount,
        currency=found.currency,
        payer_id="buyer-1",
        expires_at=found.expires_at,
    )


@dataclass
class WeChatNotice:
    """A WeChat Pay notification, good unless told otherwise."""

    payment: Payment
    changes: dict[str, Any] = field(default_factory=dict)
    event_id: str = "EV-1"
    event_type: str = "TRANSACTION.SUCCESS"
    serial: str = "PUB_KEY_ID_01"
    signer: str = "wechat"
    # seconds added to the clock
    offset: int = 0
    apiv3_key: str = APIV3_KEY
    algorithm: str = "AEAD_AES_256_GCM"
    tamper: bool = False
    signature: str | None = None

    def content(self) -> dict[str, Any]:
        """The transaction."""
        made = {
            "appid": WECHAT_CONFIG["appid"],
            "mchid": WECHAT_CONFIG["mchid"],
            "out_trade_no": self.payment.out_trade_no,
            "transaction_id": f"42{self.payment.pk:026d}",
            "trade_type": "JSAPI",
            "trade_state": "SUCCESS",
            "success_time": "2026-11-23T10:00:00+08:00",
            "payer": {"openid": "buyer-1"},
            "amount": {
                "total": self.payment.amount,
                "payer_total": 1,
                "currency": "CNY",
                "payer_currency": "CNY",
            },
        }
        return {**made, **self.changes}

    def body(self) -> bytes:
        """Sealed."""
        nonce, data = "n" * 12, "transaction"
        plain = json.dumps(self.content()).encode()
        sealed = AESGCM(self.apiv3_key.encode()).encrypt(nonce.encode(), plain, data.encode())
        resource = {
            "algorithm": self.algorithm,
            "ciphertext": base64.b64encode(sealed).decode(),
            "associated_data": data,
            "nonce": nonce,
            "original_type": "transaction",
        }
        event = {"id": self.event_id, "event_type": self.event_type, "resource": resource}
        return json.dumps(event).encode()

    def send(self, account: WalletAccount | None = None, client: Client | None = None) -> Any:
        """To the account's own path."""
        account = account or self.payment.account
        body, stamp = self.body(), str(int(time.time()) + self.offset)
        signature = self.signature or rsa_signature(self.signer, f"{stamp}\nabc\n".encode() + body + b"\n")
        headers = {
            "Wechatpay-Timestamp": stamp,
            "Wechatpay-Nonce": "abc",
            "Wechatpay-Serial": self.serial,
            "Wechatpay-Signature": signature,
        }
        if self.tamper:
            body = body.replace(b"TRANSACTION", b"TRANSACTIOn")
        path = f"/api/platform/wechat/{account.public_id}"
        return (client or Client()).post(path, body, content_type="application/json", headers=headers)


@dataclass
class AlipayNotice:
    """An Alipay notification, good unless told otherwise."""

    payment: Payment
    changes: dict[str, str | None] = field(default_factory=dict)
    signer: str = "alipay"
    after: dict[str, str] = field(default_factory=dict)

    def params(self) -> dict[str, str]:
        """The form."""
        yuan = f"{self.payment.amount // 100}.{self.payment.amount % 100:02d}"
        made: dict[str, str | None] = {
            "notify_id": "ali-1",
            "notify_type": "trade_status_sync",
            "notify_time": "2026-11-23 10:00:00",
            "app_id": ALIPAY_CONFIG["app_id"],
            "seller_id": ALIPAY_CONFIG["seller_id"],
            "charset": "utf-8",
            "version": "1.0",
            "trade_no": f"2026{self.payment.pk:024d}",
            "out_trade_no": self.payment.out_trade_no,
            "buyer_logon_id": "159****5620",
            "trade_status": "TRADE_SUCCESS",
            "total_amount": yuan,
            "subject": "茶 100% & more",
            "gmt_payment": "2026-11-23 09:59:59",
            "passback_params": "",
            "fund_bill_list": '[{"amount":"21.00","fundChannel":"ALIPAYACCOUNT"}]',
            **self.changes,
        }
        kept = {name: value for name, value in made.items() if value is not None}
        text = "&".join(f"{name}={kept[name]}" for name in sorted(kept))
        return {**kept, "sign_type": "RSA2", "sign": rsa_signature(self.signer, text), **self.after}

    def send(self, account: WalletAccount | None = None, client: Client | None = None) -> Any:
        """To the account's own path."""
        path = f"/api/platform/alipay/{(account or self.payment.account).public_id}"
        form = "application/x-www-form-urlencoded; charset=utf-8"
        return (client or Client()).post(path, urlencode(self.params()).encode(), content_type=form)


@pytest.fixture
def merchant(merchant: Merchant) -> Merchant:
    """With keys on both sides."""
    give_credentials(merchant)
    return merchant


def accepted(wallet: str, answer) -> bool:
    """In the platform's own words."""
    if wallet == "Alipay":
        return answer.status_code == 200 and answer.content == b"success"
    return answer.status_code == 200 and json.loads(answer.content)["code"] == "SUCCESS"


def refused(wallet: str, answer) -> bool:
    """So that it is told again."""
    return 400 <= answer.status_code < 500 and b"success" not in answer.content.lower()
