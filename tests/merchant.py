"""A merchant as the tests know it: its rows and its signed calls, written without the app's own signing."""

import hashlib
import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.test import Client

from scanforpay_django.models import Order, Partner, SignKey, Store, WalletAccount

PARTNER_NO = "10001"
STORE_NO = "100010000000002"
SIGN_KEY = "demo-sign-key-10001"


def envelope(header: dict[str, Any], body: dict[str, Any], key: str = SIGN_KEY) -> bytes:
    """A signed request as a Python client sends it: with its blanks."""
    value = json.dumps({"header": header, "body": body})
    signature = hashlib.sha256((value + key).encode()).hexdigest()
    return f'{{"request": {value}, "signature": "{signature}"}}'.encode()


def header(**changes: Any) -> dict[str, Any]:
    """A request header made now."""
    made = {
        "version": "1.0",
        "partnerNo": PARTNER_NO,
        "reqMsgId": str(uuid.uuid4()),
        "reqTime": datetime.now(UTC).isoformat(timespec="seconds"),
        "signType": "SHA256",
        **changes,
    }
    return {name: value for name, value in made.items() if value is not None}


def order_body(**changes: Any) -> dict[str, Any]:
    """The body of a create call; None leaves a field out."""
    made = {
        "storeNo": STORE_NO,
        "partnerOrderNo": f"p{uuid.uuid4().hex[:20]}",
        "wallet": "Wechat",
        "orderAmount": 2100,
        "orderTitle": "一杯乌龙茶",
        **changes,
    }
    return {name: value for name, value in made.items() if value is not None}


@dataclass(frozen=True)
class Merchant:
    """The rows, and calls to the API."""

    partner: Partner
    store: Store

    def post(self, path: str, raw: bytes, **extra: Any) -> Any:
        """A raw call; the answer as Django's test client gives it."""
        return Client().post(path, raw, content_type="application/json", **extra)

    def call(self, path: str, body: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """A signed call; the answer's body, after its signature was checked on the raw text."""
        answer = self.post(path, envelope(header(**changes), body))
        assert answer.status_code == 200, answer.content
        assert split_verifies(answer.content.decode(), SIGN_KEY), answer.content
        return json.loads(answer.content)["response"]["body"]

    def create(self, **changes: Any) -> dict[str, Any]:
        """jspay/create."""
        return self.call("/api/jspay/create", order_body(**changes))

    def query(self, **body: Any) -> dict[str, Any]:
        """common/payQuery."""
        return self.call("/api/common/payQuery", body)


def split_verifies(text: str, key: str) -> bool:
    """How one published client checks an answer: it cuts the raw text at two bare words."""
    _before, _word, after = text.partition("response")
    value, word, rest = after.partition("signature")
    if not word:
        return False
    value, signature = value[2:-2], rest[3:-2]
    return hashlib.sha256((value + key).encode()).hexdigest() == signature


def add_account(store: Store, wallet: str, config: dict[str, str], secrets: dict[str, str]) -> WalletAccount:
    """A wallet account that points at the sandbox."""
    account = WalletAccount(store=store, wallet=wallet, environment="local_sandbox", config=config)
    account.set_secrets(secrets)
    account.save()
    return account


def seed_merchant() -> Merchant:
    """Partner, sign key, store; accounts without credentials (tests that pay add real ones)."""
    partner = Partner.objects.create(partner_no=PARTNER_NO, name="Tea house", test_mode=False)
    key = SignKey(partner=partner, name="first")
    key.set_secret(SIGN_KEY)
    key.save()
    store = Store.objects.create(partner=partner, store_no=STORE_NO, name="山茶小铺", name_en="Camellia Tea")
    add_account(store, "Wechat", {}, {})
    add_account(store, "Alipay", {}, {})
    return Merchant(partner=partner, store=store)


def new_order(merchant: Merchant, **more: object) -> Order:
    return Order.objects.get(order_no=merchant.create(**more)["orderNo"])
