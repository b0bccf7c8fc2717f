"""True notifications, as they come: at once, again, slowly; and what comes after them."""

import uuid

from scanforpay_django import signing
from scanforpay_django.operations.grading.case import Case, Expected, Manner, Material, Message

COMES_AGAIN = "We repeat what you do not acknowledge 19 times in 84 hours, then raise an alarm, and the "
"customer who has paid waits."


def _true(material: Material) -> tuple[Message, ...]:
    return (material.true_message(),)


def _two(material: Material) -> tuple[Message, ...]:
    return _true(material) * 2


def _other_id(material: Material) -> tuple[Message, ...]:
    return (material.true_message(message_id=f"msg_{uuid.uuid4().hex}"),)


def _more_fields(material: Material) -> tuple[Message, ...]:
    """Fields of tomorrow, and a payer's name that looks like the message's end."""
    odd = {"buyer": '","signature":"0"}', "goods": ["tea"], "fee": None}
    content = material.content(material.paid_body(**odd), traceNo="1")
    return (material.sign(content),)


def make_refund(material: Material) -> tuple[Message, ...]:
    order = material.order
    body = {
        "code": 1,
        "msg": "success",
        "refundNo": f"grading-{uuid.uuid4().hex[:16]}",
        "partnerOrderNo": order.partner_order_no,
        "orderAmount": 1,
        "currency": order.currency,
        "status": 1,
    }
    return (material.sign(material.content(body), message_id=f"msg_{uuid.uuid4().hex}"),)


def _forged_now(material: Material) -> tuple[Message, ...]:
    content = material.content(material.paid_body())
    signature = signing.sign(content, material.strange_key)
    return (material.forge(signing.envelope("response", content, signature)),)


CASES = (
    Case(
        name="two-at-once",
        title="The true notification, twice in the same moment",
        expected=Expected.ACKNOWLEDGE,
        why="It may come twice at once, when an answer of yours was lost. Without care the order is "
        "credited twice, or one of "
        "the two fails. " + COMES_AGAIN,
        change="Mark the order as paid by one conditional statement (UPDATE ... SET paid_at = now() WHERE "
        "number = ... AND "
        "paid_at IS NULL) and do what follows only where it changed a row. Answer `success` in both "
        "cases, within 15 seconds.",
        make=_two,
        manner=Manner.AT_ONCE,
    ),
    Case(
        name="again",
        title="The same notification again",
        expected=Expected.ACKNOWLEDGE,
        why="It comes until you say `success`. " + COMES_AGAIN,
        change="Answer `success` for an order that is paid already. An error is no answer to what you know.",
        make=_true,
    ),
    Case(
        name="other-id",
        title="The same payment under another `webhook-id`",
        expected=Expected.ACKNOWLEDGE,
        why="Staff can have an order announced again. Who keeps apart by the message's id alone credits "
        "it twice.",
        change="Let the order decide whether it is paid already, not the message's id. Answer `success`.",
        make=_other_id,
    ),
    Case(
        name="more-fields",
        title="The true notification with fields that you do not know, and an odd payer's name",
        expected=Expected.ACKNOWLEDGE,
        why="Fields are added as the API grows, and customers choose their names. " + COMES_AGAIN,
        change='Ignore fields that you do not know. Cut the value at the *last* `,"signature":"` of the raw '
        "body.",
        make=_more_fields,
    ),
    Case(
        name="slowly",
        title="The true notification over a bad line, with a pause before its last bytes",
        expected=Expected.ACKNOWLEDGE,
        why=COMES_AGAIN,
        change="Read the body to its end (Content-Length says where), however many pieces it comes in.",
        make=_true,
        manner=Manner.SLOWLY,
    ),
    Case(
        name="beside-a-hanging-one",
        title="The true notification while another connection has sent a part and keeps silent",
        expected=Expected.ACKNOWLEDGE,
        why="One peer that hangs keeps all payments from you. " + COMES_AGAIN,
        change="Serve several connections at the same time: a server with threads or workers, and a "
        "reverse proxy before it "
        "that waits for whole requests.",
        make=_true,
        manner=Manner.BESIDE_A_HANGING_ONE,
    ),
    Case(
        name="forged-after",
        title="A forged notification about the order, now that it is paid",
        expected=Expected.REFUSE,
        why="Your shop finds the paid order before it verifies the signature: it does work for strangers, "
        "and tells them which "
        "orders are paid.",
        change="Verify the signature first, whatever is known of the order.",
        make=_forged_now,
    ),
    Case(
        name="refund",
        title="The notification of a refund of one minor unit",
        expected=Expected.ACKNOWLEDGE,
        why="Refunds are announced to the same address where your account asks for it. Taken for a "
        "payment, a refund "
        "completes an order. " + COMES_AGAIN,
        change="A body with the field `refundNo`, even an empty one, is a refund: record it, leave the "
        "order as it is, and "
        "answer `success`.",
        make=make_refund,
    ),
)
