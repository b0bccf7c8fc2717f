"""Messages that are no notification, and signed ones of which a shop may not believe that its order is "
"paid."""

import uuid
from typing import Any

from scanforpay_django import signing, wire
from scanforpay_django.codes import Code
from scanforpay_django.operations.grading.case import Case, Expected, Material, Message

COMPARE = (
    "After the signature compare with your own order: `partnerOrderNo` is one of yours, `orderAmount` and "
    "`currency` are "
    "what you asked for, and `status` is 1. Refuse everything else."
)
BELIEVES = "A right signature says who wrote the message, not that this order of yours is paid. "


def _nothing(material: Material) -> tuple[Message, ...]:
    return (material.forge(b""),)


def _no_json(material: Material) -> tuple[Message, ...]:
    return (material.forge(b"\xff\xfe success=true&status=1"),)


def _own_call(material: Material) -> tuple[Message, ...]:
    """The shop's call that created the order, under the name of an answer: the signature does not cover "
    "the name."""
    order = material.order
    header = {"version": wire.VERSION, "partnerNo": material.partner_no, "reqMsgId": "", "signType": "SHA256"}
    body = {
        "storeNo": order.store.store_no,
        "partnerOrderNo": order.partner_order_no,
        "wallet": order.wallet,
        "orderAmount": order.amount,
        "currency": order.currency,
    }
    reqtime = wire.rfc3339(order.created_at)
    content = signing.encode({"header": {**header, "reqTime": reqtime}, "body": body})
    return (material.forge(signing.envelope("response", content, material.signature(content))),)


def _saying(material: Material, **changes: Any) -> tuple[Message, ...]:
    """A signed notification that differs from the true one in these fields."""
    content = material.content(material.paid_body(**changes))
    return (material.sign(content, message_id=f"msg_{uuid.uuid4().hex}"),)


def _unpaid(material: Material) -> tuple[Message, ...]:
    return _saying(material, status=0, payTime="")


def _one_minor_unit(material: Material) -> tuple[Message, ...]:
    return _saying(material, orderAmount=1 if material.order.amount != 1 else 2)


def _hundredfold(material: Material) -> tuple[Message, ...]:
    return _saying(material, orderAmount=material.order.amount * 100)


def _other_currency(material: Material) -> tuple[Message, ...]:
    return _saying(material, currency="HKD" if material.order.currency == "JPY" else "JPY")


def _unknown_order(material: Material) -> tuple[Message, ...]:
    number = f"none{uuid.uuid4().hex[:20]}"
    return _saying(material, partnerOrderNo=number, orderNo="000000000000000000000000")


def _number_and_blank(material: Material) -> tuple[Message, ...]:
    return _saying(material, partnerOrderNo=f"{material.order.partner_order_no} ")


def _refusal(material: Material) -> tuple[Message, ...]:
    """Our answer to a payQuery that found nothing."""
    content = material.content({"code": Code.ORDER_NOT_FOUND, "msg": Code.ORDER_NOT_FOUND.text})
    return (material.sign(content, message_id=f"msg_{uuid.uuid4().hex}"),)


CASES = (
    Case(
        name="empty",
        title="A POST without a body",
        expected=Expected.REFUSE,
        why="Your shop says `success` to anything, so that its answers are worth nothing.",
        change="Answer `success` only after an order of yours was found and marked as paid, now or before.",
        make=_nothing,
    ),
    Case(
        name="no-json",
        title="A POST whose body is no JSON, and no UTF-8",
        expected=Expected.REFUSE,
        why="Your shop says `success` to anything, so that its answers are worth nothing.",
        change="Read the raw body, verify it, then parse it, and refuse what does not parse.",
        make=_no_json,
    ),
    Case(
        name="own-call",
        title="Your own signed call that created the order, sent back as a notification",
        expected=Expected.REFUSE,
        why="It is signed with your key, names your order and its amount, and nobody has paid: whoever "
        "saw your call can "
        "complete the order with it.",
        change="Ask for `status` to be the number 1. A field that is missing is no 1.",
        make=_own_call,
    ),
    Case(
        name="unpaid",
        title="A signed message that your order is not paid (`status` 0)",
        expected=Expected.REFUSE,
        why=BELIEVES + "Each answer of payQuery before the payment is such a message.",
        change=COMPARE,
        make=_unpaid,
    ),
    Case(
        name="one-minor-unit",
        title="A signed message of another amount: one minor unit",
        expected=Expected.REFUSE,
        why=BELIEVES + "An order whose amount was changed on the way to us is paid with one cent.",
        change=COMPARE,
        make=_one_minor_unit,
    ),
    Case(
        name="hundredfold",
        title="A signed message of another amount: a hundred times as much",
        expected=Expected.REFUSE,
        why="Somewhere cents are taken for whole units. The mistake may be in either direction, so refuse "
        "both.",
        change=COMPARE + " Amounts are integers in the currency's smallest unit; compare for equality.",
        make=_hundredfold,
    ),
    Case(
        name="other-currency",
        title="A signed message of the same number in another currency",
        expected=Expected.REFUSE,
        why="2100 is ¥21.00 in CNY and ¥2,100 in JPY: the same number is another amount.",
        change=COMPARE,
        make=_other_currency,
    ),
    Case(
        name="unknown-order",
        title="A signed message about an order that you do not have",
        expected=Expected.REFUSE,
        why="We stop when you say `success`. If the order was not written yet, or is in another database, "
        "nobody is told of "
        "the payment again.",
        change="Refuse with 404 or 5xx, so that the notification comes again when the order is there.",
        make=_unknown_order,
    ),
    Case(
        name="number-and-blank",
        title="A signed message about your order's number followed by a blank",
        expected=Expected.REFUSE,
        why="That is another number. Some databases take the two for equal, and so one payment completes "
        "two orders.",
        change="Compare `partnerOrderNo` once more in your program, byte for byte, after the database has "
        "found the order.",
        make=_number_and_blank,
    ),
    Case(
        name="signed-refusal",
        title="A signed answer that there is no such order (code 30)",
        expected=Expected.REFUSE,
        why=BELIEVES + "Each refused call of yours is answered so.",
        change="Ask for `code` 1, for the order's number and for `status` 1. A field that is missing is "
        "no 1.",
        make=_refusal,
    ),
)
