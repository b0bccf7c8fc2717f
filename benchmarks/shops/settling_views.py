"""What a platform's payment notification is measured beside, on the same tables: an UPDATE, and a plain transaction."""

import base64
import json
from datetime import datetime
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from scanforpay_django import signing, wire
from scanforpay_django.models import (
    Notification,
    Order,
    OrderEvent,
    Payment,
    PlatformNotification,
    WalletAccount,
)

PAID = [
    "state",
    "trade_no",
    "paid_at",
    "paid_amount",
    "paid_currency",
    "buyer",
    "is_applied",
    "next_query_at",
]
SUCCESS = {"code": "SUCCESS", "message": "OK"}


@lru_cache
def _account() -> tuple[int, rsa.RSAPublicKey, AESGCM]:
    """The only one, read once by a process, as its keys are by whoever writes this with care."""
    account = WalletAccount.objects.get(wallet="Wechat")
    key = serialization.load_pem_public_key(account.config["public_key"].encode())
    assert isinstance(key, rsa.RSAPublicKey)
    return account.pk, key, AESGCM(account.secrets()["apiv3_key"].encode())


def _open(request: HttpRequest) -> tuple[int, dict[str, Any], dict[str, Any], str]:
    """The account, the event, its content and the content's text, if the signature is right."""
    account, key, cipher = _account()
    body = request.body
    text = f"{request.headers['Wechatpay-Timestamp']}\n{request.headers['Wechatpay-Nonce']}\n".encode()
    signature = base64.b64decode(request.headers["Wechatpay-Signature"])
    key.verify(signature, text + body + b"\n", padding.PKCS1v15(), hashes.SHA256())
    event = json.loads(body)
    resource = event["resource"]
    plain = cipher.decrypt(
        resource["nonce"].encode(),
        base64.b64decode(resource["ciphertext"]),
        resource["associated_data"].encode(),
    )
    return account, event, json.loads(plain), plain.decode()


def bare_settle(request: HttpRequest) -> HttpResponse:
    """Verify, open, one UPDATE: the measure, 1.0."""
    account, _event, content, _text = _open(request)
    Payment.objects.filter(account_id=account, out_trade_no=content["out_trade_no"]).update(
        state="paid",
        trade_no=content["transaction_id"],
        paid_at=datetime.fromisoformat(content["success_time"]),
        paid_amount=content["amount"]["total"],
    )
    return JsonResponse(SUCCESS)


def plain_settle(request: HttpRequest) -> HttpResponse:
    """Verify, open, then one transaction as one writes it: the lock, two UPDATEs, three INSERTs."""
    account, event, content, text = _open(request)
    with transaction.atomic():
        rows = Payment.objects.select_related("order__store", "order__partner")
        payment = rows.select_for_update(of=("self", "order")).get(
            account_id=account, out_trade_no=content["out_trade_no"]
        )
        if payment.state != Payment.State.PAID:
            _check(payment, content)
            _pay(payment, content)
            _announce(payment.order, event["id"])
            PlatformNotification.objects.create(
                account_id=account, event_id=event["id"], kind=event["event_type"], body=text, payment=payment,
                outcome="applied",
            )  # fmt: skip
    return JsonResponse(SUCCESS)


def _check(payment: Payment, content: dict[str, Any]) -> None:
    amount = content["amount"]
    if (amount["total"], amount["currency"]) != (payment.amount, payment.currency):
        raise ValueError("another amount than was asked for")
    if payment.order.state != Order.State.PENDING:
        raise ValueError("the order is not pending")


def _pay(payment: Payment, content: dict[str, Any]) -> None:
    """The two UPDATEs."""
    payment.state = Payment.State.PAID
    payment.trade_no = content["transaction_id"]
    payment.paid_at = datetime.fromisoformat(content["success_time"])
    payment.paid_amount, payment.paid_currency = content["amount"]["total"], content["amount"]["currency"]
    payment.buyer = content["payer"]["openid"]
    payment.is_applied, payment.next_query_at = True, None
    payment.save(update_fields=PAID)
    payment.order.state = Order.State.PAID
    payment.order.paid_at = payment.paid_at
    payment.order.save(update_fields=["state", "paid_at"])


def _announce(order: Order, event_id: str) -> None:
    """The timeline's row and the merchant's message."""
    OrderEvent.objects.create(
        order=order, from_state="pending", to_state="paid", source="platform_notify", request_id=event_id,
        data={"amount": order.amount, "currency": order.currency}, at=timezone.now(),
    )  # fmt: skip
    message = Notification(order=order, partner=order.partner, url=order.notify_url)
    header = wire.header(order.partner.partner_no, message_id=message.message_id)
    message.content = signing.encode({"header": header, "body": wire.order_body(order)}).decode()
    message.endpoint = f"{order.partner.partner_no} https://shop.example.com"
    message.save(force_insert=True)
