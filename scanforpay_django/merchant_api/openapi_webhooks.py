"""Our notifications in the OpenAPI document: headers, bodies, and the answer that ends the repetitions."""

from typing import Any

from scanforpay_django import wire
from scanforpay_django.merchant_api.openapi import EXAMPLES, MOMENT, Schema, answer_envelope
from scanforpay_django.models import Notification

PARTNER_NO = "10001"
MESSAGE_ID = "msg_5c1f0b7e8d2a4f6c9b3e1d0a7f8c6b5e"
_HEADERS = {
    "webhook-id": ("The message's id, the same in every attempt: respMsgId.", MESSAGE_ID),
    "webhook-timestamp": ("When this attempt was made, seconds since 1970.", "1767294246"),
    "webhook-signature": (
        "`v1,` and the base64 of HMAC-SHA256, with the sign key, of `id.timestamp.body`: Standard Webhooks.",
        "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
    ),
}
ANSWER = (
    "Acknowledged: the text `success`, within 15 seconds. Any other answer, a redirect and silence are repeated, "
    "19 times in about 84 hours."
)


def webhooks() -> Schema:
    """The notifications by name."""
    kinds = Notification.Kind
    return {
        "orderPaid": _describe(
            "notifyOrderPaid",
            "An order is paid",
            "Sent to the order's `notifyUrl`. Verify the signature on the raw bytes; compare `partnerOrderNo`, "
            "`orderAmount` and `currency` with your own order and ask for `status` 1; mark the order as paid once, "
            "however often the message comes; then answer.",
            "Order",
            _example(kinds.PAID),
        ),
        "refundMade": _describe(
            "notifyRefundMade",
            "A refund was made",
            "Sent to the order's `notifyUrl` where your account asks for it. It has the field `refundNo`, empty when "
            "staff or the platform's console made the refund; `orderAmount` is what went back.",
            "Refund",
            _example(kinds.REFUND),
        ),
    }


def _describe(operation_id: str, summary: str, description: str, body: str, example: Schema) -> Schema:
    content = {"schema": answer_envelope(body), "examples": {"notification": {"value": example}}}
    return {
        "post": {
            "operationId": operation_id,
            "summary": summary,
            "description": description,
            "parameters": [_header(name) for name in _HEADERS],
            "requestBody": {"required": True, "content": {"application/json": content}},
            "responses": {
                "200": {
                    "description": ANSWER,
                    "content": {"text/plain": {"schema": {"type": "string", "const": "success"}}},
                }
            },
        }
    }


def _header(name: str) -> Schema:
    description, example = _HEADERS[name]
    return {
        "name": name,
        "in": "header",
        "required": True,
        "description": description,
        "schema": {"type": "string", "examples": [example]},
    }


class _Shown:
    """An order, or a refund of it, as the wire asks for it."""

    order_no = EXAMPLES["orderNo"]
    partner_order_no = EXAMPLES["partnerOrderNo"]
    refund_no = EXAMPLES["refundNo"]
    amount = EXAMPLES["orderAmount"]
    currency = EXAMPLES["currency"]
    wallet = EXAMPLES["wallet"]
    paid_at = None

    @property
    def order(self) -> "_Shown":
        """The order that an example's refund is of."""
        return self

    def status(self) -> int:
        """1: paid, and of a refund that it was made."""
        return 1


def _example(kind: str) -> dict[str, Any]:
    """Made by what makes the real ones, so that it has their fields."""
    if kind == Notification.Kind.REFUND:
        body = wire.refund_body(_Shown())
    else:
        body = {**wire.order_body(_Shown(), buyer_id=EXAMPLES["buyerId"]), "payTime": MOMENT}
    header = {**wire.header(PARTNER_NO, message_id=MESSAGE_ID), "respTime": MOMENT}
    return {"response": {"header": header, "body": body}, "signature": "0" * 64}
