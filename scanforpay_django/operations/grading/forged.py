"""Messages of somebody who does not have the sign key."""

import json

from scanforpay_django import signing
from scanforpay_django.operations.grading.case import Case, Expected, Material, Message

GOODS_FOR_NOTHING = "Anybody who finds your notify address can mark orders as paid and be sent the goods."
VERIFY = (
    "Verify the signature before you look at anything else: SHA-256 of the bytes of the value of "
    "`response` as they came, "
    "followed by your sign key. Refuse, with 400 for example, what does not match."
)
FALSE = Expected.REFUSE


def _content(material: Material) -> bytes:
    return material.content(material.paid_body())


def _sealed(material: Material, signature: bytes) -> tuple[Message, ...]:
    """The true value with ``,"signature":`` and these bytes."""
    return (material.forge(b'{"response":' + _content(material) + signature + b"}"),)


def _no_signature(material: Material) -> tuple[Message, ...]:
    return _sealed(material, b"")


def _empty_signature(material: Material) -> tuple[Message, ...]:
    return _sealed(material, b',"signature":""')


def _true_as_signature(material: Material) -> tuple[Message, ...]:
    return _sealed(material, b',"signature":true')


def _short_signature(material: Material) -> tuple[Message, ...]:
    first = material.signature(_content(material))[:8].encode()
    return _sealed(material, b',"signature":"' + first + b'"')


def _other_key(material: Material) -> tuple[Message, ...]:
    content = _content(material)
    signature = signing.sign(content, material.strange_key)
    return (material.forge(signing.envelope("response", content, signature)),)


def _empty_key(material: Material) -> tuple[Message, ...]:
    """signing.sign refuses an empty key: the hash of the value alone is made by hand."""
    content = _content(material)
    signature = signing.sign(content[:-1], content[-1:].decode())
    return (material.forge(signing.envelope("response", content, signature)),)


def _copied_signature(material: Material) -> tuple[Message, ...]:
    unpaid = material.content(material.paid_body(status=0, payTime=""))
    body = signing.envelope("response", _content(material), material.signature(unpaid))
    return (material.forge(body),)


def _changed_amount(material: Material) -> tuple[Message, ...]:
    cheap = material.content(material.paid_body(orderAmount=1))
    dear = signing.envelope("response", _content(material), material.signature(cheap))
    return (Message(body=dear, headers=material.sign(cheap).headers),)


def _unsigned_type(material: Material) -> tuple[Message, ...]:
    content = material.content(material.paid_body(), signType="none")
    return (material.forge(signing.envelope("response", content, "")),)


def _two_values(material: Material) -> tuple[Message, ...]:
    """A copied true message about an order that is not paid, and the forged value where a parser takes "
    "the last one."""
    unpaid = material.content(material.paid_body(status=0, payTime=""))
    copied = signing.envelope("response", unpaid, material.signature(unpaid))
    return (material.forge(copied[:-1] + b',"response":' + _content(material) + b"}"),)


def _wrapped(material: Material) -> tuple[Message, ...]:
    unpaid = material.content(material.paid_body(status=0, payTime=""))
    copied = signing.envelope("response", unpaid, material.signature(unpaid))
    forged = b'{"response":' + _content(material) + b',"signature":"' + b"0" * 64 + b'","copy":' + copied
    return (material.forge(forged + b"}"),)


def _bare_body(material: Material) -> tuple[Message, ...]:
    return (material.forge(json.dumps(material.paid_body()).encode()),)


CASES = (
    Case(
        name="no-signature",
        title="A paid notification without any signature",
        expected=FALSE,
        why=GOODS_FOR_NOTHING,
        change=VERIFY,
        make=_no_signature,
    ),
    Case(
        name="empty-signature",
        title="A paid notification whose signature is empty",
        expected=FALSE,
        why=GOODS_FOR_NOTHING,
        change=VERIFY + " An empty signature is never right.",
        make=_empty_signature,
    ),
    Case(
        name="signature-true",
        title="A paid notification whose signature is `true`, not a text",
        expected=FALSE,
        why=GOODS_FOR_NOTHING
        + ' In PHP `true == "anything"`, and in JavaScript a loose comparison is as generous.',
        change="Compare with hash_equals, hmac.compare_digest, timingSafeEqual or MessageDigest.isEqual, "
        "and only texts.",
        make=_true_as_signature,
    ),
    Case(
        name="short-signature",
        title="A paid notification with the first eight digits of a signature",
        expected=FALSE,
        why=GOODS_FOR_NOTHING + " Eight digits can be guessed.",
        change="Compare all 64 digits, and compare for equality: do not ask whether one begins with the "
        "other.",
        make=_short_signature,
    ),
    Case(
        name="other-key",
        title="A paid notification signed with another key",
        expected=FALSE,
        why=GOODS_FOR_NOTHING,
        change=VERIFY,
        make=_other_key,
    ),
    Case(
        name="empty-key",
        title="A paid notification signed with an empty key",
        expected=FALSE,
        why="Your sign key is not set where your shop runs, so that everybody knows it. " + GOODS_FOR_NOTHING,
        change="Read the sign key from the environment, and refuse to start when it is missing or empty.",
        make=_empty_key,
    ),
    Case(
        name="copied-signature",
        title="A paid notification with the signature of another message of ours",
        expected=FALSE,
        why=GOODS_FOR_NOTHING + " A signature that was right once can be copied from a log.",
        change="Compute the signature over the bytes that came with it. That it is known or well-formed "
        "proves nothing.",
        make=_copied_signature,
    ),
    Case(
        name="changed-amount",
        title="A notification whose amount was changed after it had been signed",
        expected=FALSE,
        why="Whoever paid one cent can say that it was the whole amount.",
        change=VERIFY + " Sign the whole value, with all fields.",
        make=_changed_amount,
    ),
    Case(
        name="sign-type-none",
        title="An unsigned notification that says `signType: none`",
        expected=FALSE,
        why=GOODS_FOR_NOTHING,
        change="Do not let the message choose how it is verified: accept SHA256, and HMAC-SHA256 if your "
        "account uses it.",
        make=_unsigned_type,
    ),
    Case(
        name="two-values",
        title="A message with two `response` values, of which the first is signed and the last one read",
        expected=FALSE,
        why="What you verify is not what you read. " + GOODS_FOR_NOTHING,
        change="Parse the very bytes that you verified. Refuse a body that does not begin with "
        '`{"response":` and end with its signature.',
        make=_two_values,
    ),
    Case(
        name="wrapped-copy",
        title="A forged value beside a copy of a true message",
        expected=FALSE,
        why="Your code finds a right signature somewhere in the body and reads another value. "
        + GOODS_FOR_NOTHING,
        change='Take the value between `{"response":` and the last `,"signature":"`, and refuse what is '
        "around it.",
        make=_wrapped,
    ),
    Case(
        name="bare-body",
        title="The body of a notification alone, without its envelope",
        expected=FALSE,
        why=GOODS_FOR_NOTHING,
        change="Refuse a body that has no `response` and no `signature`.",
        make=_bare_body,
    ),
)
