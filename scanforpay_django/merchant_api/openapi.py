"""The merchant API as OpenAPI: what each call takes and answers, in its envelope, with examples and codes."""

from collections.abc import Mapping, Sequence
from typing import Any

from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers

from scanforpay_django import signing, wire
from scanforpay_django.codes import REFUSALS, Code
from scanforpay_django.operations.wire_fields import (
    LIFETIME_PATTERN,
    MAX_ORDER_AMOUNT,
    NUMBER_PATTERN,
    Amount,
    Lifetime,
    Number,
    TextField,
    Title,
    Word,
)
from scanforpay_django.wire import ANY_WALLET, PUBLISHED_WALLETS, VERSION

Schema = dict[str, Any]

MOMENT = "2026-01-02T03:04:05+08:00"
EXAMPLES: Mapping[str, Any] = {
    "storeNo": "100010000000002",
    "partnerOrderNo": "p20260102-1",
    "orderNo": "202601020304050123456789",
    "wallet": PUBLISHED_WALLETS[0],
    "orderAmount": 2100,
    "action": "close",
    "it_b_pay": "2h",
    "qrCode": "https://pay.example.com/api/jspay/pay/4fK0bq8R0m3dYt1XwJzL2A",
    "qrcode": "https://pay.example.com/api/jspay/pay/4fK0bq8R0m3dYt1XwJzL2A",
    "orderTitle": "一杯乌龙茶",
    "barcode": "134567890123456789",
    "counterNo": "till-1",
    "refundNo": "r20260102-1",
    "notifyUrl": "https://shop.example.com/notify",
    "returnUrl": "https://shop.example.com/done?order=1",
    "currency": "CNY",
    "payUrl": "https://pay.example.com/api/jspay/pay/Zz_gmGjTnLJKbpHuZyGNtw",
    "status": 1,
    "payTime": MOMENT,
    "buyer": "",
    "buyerId": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
    "msg": "success",
    "code": 1,
}
MEANINGS: Mapping[str, str] = {
    "storeNo": "One of your active stores.",
    "partnerOrderNo": "Your number of the order, unique per partner.",
    "orderNo": "Our number of the order.",
    "wallet": f"{', '.join(PUBLISHED_WALLETS)}; {ANY_WALLET}: the customer chooses among the store's.",
    "orderAmount": "In the currency's smallest unit: 2100 is ¥21.00, and ¥2,100 in JPY.",
    "it_b_pay": "How long it may be paid: 30m, 2h or 1d, from 5 minutes to 7 days.",
    "qrCode": "What the QR code has to hold.",
    "orderTitle": "Shown to the customer; a longer one is cut.",
    "operatorId": "Kept and reported.",
    "terminalNo": "Kept and reported.",
    "notifyUrl": "Where the notification that it is paid is sent; without it none is.",
    "returnUrl": "Where the customer's browser goes afterwards.",
    "currency": "ISO 4217; the store's where it is optional and not given.",
    "goodsAmount": "Reported, not charged.",
    "goodsExtraAmount": "Reported, not charged.",
    "barcode": "The code that the customer's app shows.",
    "counterNo": "The number of one of the store's counter codes.",
    "refundNo": "Your number of the refund, unique per partner.",
    "payUrl": "Send the customer there.",
    "payTime": "RFC 3339; empty while unpaid.",
    "buyer": "The payer's account, masked; may be empty.",
    "buyerId": "The payer's id at the platform; may be empty.",
}
ORDER_STATUS_SCHEMA = "0 to be paid, 1 paid, 2 failed, closed or expired, 3 refunded in full."
REFUND_STATUS = "0 in progress (ask refundQuery, do not refund again), 1 refunded, 2 failed."
_TEXT: Schema = {"type": "string"}
_INTEGER: Schema = {"type": "integer"}


def _described(name: str, schema: Schema, **more: Any) -> Schema:
    found = {**schema, **more}
    if name in MEANINGS:
        found["description"] = MEANINGS[name]
    if name in EXAMPLES:
        found["examples"] = [EXAMPLES[name]]
    return found


def field_schema(field: serializers.Field[Any, Any, Any, Any]) -> Schema:
    """What a field of a call's body takes. Optional ones may be absent, null or empty."""
    if isinstance(field, Amount):
        schema: Schema = {"type": "integer", "minimum": field.smallest, "maximum": MAX_ORDER_AMOUNT}
    else:
        schema = {"type": "string"}
    if isinstance(field, Lifetime):
        schema["pattern"] = f"^{LIFETIME_PATTERN.pattern}$"
    if isinstance(field, Word):
        return {"type": "string", "const": field.allowed}
    # A title that is too long is cut, not refused.
    if isinstance(field, TextField) and not isinstance(field, Title):
        schema["maxLength"] = field.max_length
    if isinstance(field, Number):
        schema["pattern"] = f"^{NUMBER_PATTERN.pattern}$"
    if field.required:
        return schema if isinstance(field, Amount) else {"minLength": 1, **schema}
    return {"anyOf": [schema, {"type": "null"}, {"const": ""}]}


def body_schema(serializer: serializers.Serializer[Any]) -> Schema:
    """A call's body. Fields it does not know are ignored."""
    fields = {name: _described(name, field_schema(field)) for name, field in serializer.fields.items()}
    required = [name for name, field in serializer.fields.items() if field.required]
    return {"type": "object", "properties": fields, **({"required": required} if required else {})}


def _object(properties: Mapping[str, Schema], **more: Any) -> Schema:
    named = {name: _described(name, schema) for name, schema in properties.items()}
    return {"type": "object", "properties": named, "required": [*properties], **more}


_DONE: Schema = {"code": {"enum": [Code.SUCCESS.value, Code.FAILED.value]}, "msg": _TEXT}
_ORDER = _object(
    {
        **_DONE,
        **dict.fromkeys(
            ("orderNo", "partnerOrderNo", "currency", "wallet", "payTime", "buyer", "buyerId"), _TEXT
        ),
        "orderAmount": _INTEGER,
        "status": {"enum": [0, 1, 2, 3], "description": ORDER_STATUS_SCHEMA},
    },
    additionalProperties=False,
)
#: the bodies of answers, by name
EXAMPLE_ANSWERS: Mapping[str, Schema] = {
    "Created": _object(
        {**_DONE, **dict.fromkeys(("payUrl", "orderNo", "partnerOrderNo"), _TEXT)}, additionalProperties=False
    ),
    "CreatedCode": _object(
        {
            **_DONE,
            **dict.fromkeys(("payUrl", "orderNo", "partnerOrderNo", "qrCode", "qrcode"), _TEXT),
        },
        additionalProperties=False,
    ),
    "Order": _ORDER,
    "Refund": _object(
        {
            **_DONE,
            **dict.fromkeys(("refundNo", "partnerOrderNo", "currency"), _TEXT),
            "orderAmount": _INTEGER,
            "status": {"enum": [0, 1, 2], "description": REFUND_STATUS},
        },
        additionalProperties=False,
    ),
    "Refusal": {
        "type": "object",
        "description": "Nothing was done, or it may not be known what: see the code.",
        "properties": {
            "code": {
                "enum": [code.value for code in REFUSALS],
                "description": "\n".join(f"- {code.value}: {code.text}" for code in REFUSALS),
            },
            "msg": {"type": "string", "maxLength": 100},
            "status": {"const": 0},
        },
        "required": ["code", "msg"],
        "additionalProperties": False,
    },
}
REQUEST_HEADER: Schema = {
    "type": "object",
    "properties": {
        "version": {"const": VERSION},
        "partnerNo": {"type": "string", "maxLength": 15, "examples": ["10001"]},
        "reqMsgId": {
            "anyOf": [{"type": "string", "maxLength": 36}, {"type": "null"}],
            "description": "Echoed.",
        },
        "reqTime": {
            "type": "string",
            "format": "date-time",
            "description": "RFC 3339 with offset, at most 15 minutes off. requestTime is the same.",
            "examples": [MOMENT],
        },
        "signType": {"enum": [signing.SHA256, signing.HMAC_SHA256], "default": signing.SHA256},
    },
    "required": ["version", "partnerNo", "reqTime"],
}
ANSWER_HEADER = _object(
    {
        "version": {"const": VERSION},
        **dict.fromkeys(("partnerNo", "reqMsgId", "respMsgId", "respTime"), _TEXT),
        "signType": {"enum": [signing.SHA256, signing.HMAC_SHA256]},
    },
    additionalProperties=False,
)
SIGNATURE: Schema = {
    "type": "string",
    "description": "Lower-case hex SHA-256 of the value beside it, byte for byte as sent, followed by the sign key.",
}
_PROVEN = {**SIGNATURE, "pattern": "^(|[0-9a-f]{64})$"}


def request_envelope(body: Schema) -> Schema:
    """The schema of a signed call around the schema of its body."""
    value = {
        "type": "object",
        "properties": {"header": {"$ref": "#/components/schemas/RequestHeader"}, "body": body},
        "required": ["header", "body"],
    }
    return {
        "type": "object",
        "properties": {"request": value, "signature": SIGNATURE},
        "required": ["request", "signature"],
    }


def answer_envelope(*bodies: str) -> Schema:
    """A signed answer; unsigned for a caller that is not verified."""
    shown = [{"$ref": f"#/components/schemas/{name}"} for name in bodies]
    value = _object(
        {
            "header": {"$ref": "#/components/schemas/AnswerHeader"},
            "body": shown[0] if len(shown) == 1 else {"anyOf": shown},
        },
        additionalProperties=False,
    )
    return _object({"response": value, "signature": _PROVEN}, additionalProperties=False)


def components() -> Schema:
    """What the calls refer to."""
    return {"RequestHeader": REQUEST_HEADER, "AnswerHeader": ANSWER_HEADER, **EXAMPLE_ANSWERS}


def _describe_answer(description: str, names: Sequence[str], **more: Any) -> Schema:
    return {
        "description": description,
        "content": {"application/json": {"schema": answer_envelope(*names)}},
        **more,
    }


def _example(names: Sequence[str]) -> Schema:
    header = {**wire.header("10001"), "respMsgId": "5a2c3d50-8f9c-4c53-9d14-3f6a2a3e6b0f", "respTime": MOMENT}
    body = {name: EXAMPLES.get(name, "") for name in EXAMPLE_ANSWERS[names[0]]["properties"]}
    return {"response": {"header": header, "body": body}, "signature": "0" * 64}


class EnvelopeSchema(AutoSchema):
    """Describes a call of this API; nothing of it is guessed from the view."""

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        """The call's part of the document."""
        view: Any = self.view
        answers = (view.answer_schema, "Refusal")
        done = _describe_answer("Done, or refused: look at `code`.", answers)
        done["content"]["application/json"]["examples"] = {"done": {"value": _example(answers)}}
        limited = {"headers": {"Retry-After": {"schema": _INTEGER, "description": "Seconds."}}}
        return {
            "operationId": view.operation_id,
            "summary": view.summary,
            "description": (view.__doc__ or "").strip(),
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {
                        "schema": request_envelope(body_schema(view.body_class())),
                        "examples": {"call": {"value": _call_example(view.body_class())}},
                    }
                },
            },
            "responses": {
                "200": done,
                "405": _describe_answer("Another method than POST.", ["Refusal"]),
                "413": _describe_answer("The body is larger than 64 KiB.", ["Refusal"]),
                "429": _describe_answer("Too many calls.", ["Refusal"], **limited),
                "500": _describe_answer("Our own fault; it is safe to send the call again.", ["Refusal"]),
            },
        }


def _call_example(serializer: serializers.Serializer[Any]) -> Schema:
    header = {
        "version": VERSION,
        "partnerNo": "10001",
        "reqMsgId": "",
        "reqTime": MOMENT,
        "signType": signing.SHA256,
    }
    body = {name: EXAMPLES[name] for name in map(str, serializer.fields) if name in EXAMPLES}
    return {"request": {"header": header, "body": body}, "signature": "0" * 64}
