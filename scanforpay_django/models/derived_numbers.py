"""Numbers that a restored database finds again: each follows from what it is for, under a key of its own.

A platform keeps what it received under our numbers. After yesterday's copy of the database was restored, the next
attempt of an order has the number that the lost one had, and a repeated refund is the same refund there.
"""

import hashlib
import hmac
import json
import re
import secrets
import string

from django.db import models
from django.views.decorators.debug import sensitive_variables

from scanforpay_django.encryption import decrypt, encrypt
from scanforpay_django.models.ttl_cache import TtlCache
from scanforpay_django.primary import PrimaryModel

BASE62 = string.digits + string.ascii_letters
#: letters and digits: 166 bits, and what every platform takes (6 to 32 letters and digits)
LENGTH = 28
# Of 28 letters and digits drawn by chance all three kinds are there but for one time in two million.
_FORM = re.compile(rf"(?=.*[0-9])(?=.*[a-z])(?=.*[A-Z])[0-9A-Za-z]{{{LENGTH}}}")
#: of the digest in a reference: 131 bits
DIGEST_LENGTH = 22
KEY_BYTES = 32
REFERENCE_VERSION = "1"


class NumberKey(PrimaryModel):
    """The key under which numbers are derived: made once, stored encrypted, never replaced. Another key would make
    other numbers, and what a platform knows would not be found.
    """

    name = models.CharField(max_length=10, unique=True, default="numbers", editable=False)
    ciphertext = models.TextField(editable=False)

    def __str__(self) -> str:
        return self.name

    @classmethod
    @sensitive_variables()
    def load(cls) -> bytes:
        """The key; made by the first who asks. Raises SecretUnreadable."""
        new = encrypt(secrets.token_hex(KEY_BYTES))
        stored, _created = cls.objects.get_or_create(name="numbers", defaults={"ciphertext": new})
        return bytes.fromhex(decrypt(stored.ciphertext))


#: the key, in memory; what a transaction reads is not kept there
number_keys: TtlCache[str, bytes] = TtlCache(lambda _name: NumberKey.load())


def read_number_key() -> None:
    """Have the key in memory. For code that will need it in a transaction that is to be short."""
    number_keys.get("numbers")


@sensitive_variables()
def _keyed_digest(*parts: str | int) -> bytes:
    """JSON keeps the parts apart whatever they hold."""
    text = json.dumps([str(part) for part in parts])
    return hmac.digest(number_keys.get("numbers"), text.encode(), hashlib.sha256)


def _derive(length: int, *parts: str | int) -> str:
    """So many letters and digits."""
    number = int.from_bytes(_keyed_digest(*parts))
    digits = []
    for _place in range(length):
        number, digit = divmod(number, len(BASE62))
        digits.append(BASE62[digit])
    return "".join(digits)


def is_derived(number: str) -> bool:
    """Whether a number has the form of those that are made here; other systems of a merchant give others."""
    return _FORM.fullmatch(number) is not None


def derive_out_trade_no(partner_no: str, partner_order_no: str, attempt: int) -> str:
    """Our number of an order's n-th attempt, the first being 1. By the merchant's number: an order that was lost, and
    that its merchant asks for again, finds what its customer has paid.
    """
    return _derive(LENGTH, "payment", partner_no, partner_order_no, attempt)


def derive_out_refund_no(partner_no: str, refund_no: str, submission: int) -> str:
    """Our number of the n-th submission of a merchant's refund, the first being 1: one that failed goes out anew."""
    return _derive(LENGTH, "refund", partner_no, refund_no, submission)


def derive_own_refund_no(kind: str, out_trade_no: str, ordinal: int) -> str:
    """Our number of a refund that no merchant asked for: staff's, or automatic. ``ordinal`` counts those of one kind
    and payment, the first being 1.
    """
    return _derive(LENGTH, "own refund", kind, out_trade_no, ordinal)


def derive_message_id(partner_no: str, partner_order_no: str, kind: str, refund_no: str) -> str:
    """The id of a merchant notification: sent again after a restore, it is the message that was sent before. Hex, since
    shops' databases may compare without case.
    """
    parts = ("notification", partner_no, partner_order_no, kind, refund_no)
    return f"msg_{_keyed_digest(*parts).hex()[:32]}"


def make_reference(partner_no: str, store_no: str, partner_order_no: str, order_no: str) -> str:
    """What an order at a platform carries for us, at most 128 bytes of ASCII: whose it is, and a digest that only
    the holder of the key makes.
    """
    parts = (REFERENCE_VERSION, partner_no, store_no, partner_order_no, order_no)
    return "|".join((*parts, _derive(DIGEST_LENGTH, "reference", *parts)))


def read_reference(text: str) -> tuple[str, str, str, str] | None:
    """Partner, store, the merchant's number and ours; None for whatever we did not write."""
    *parts, _digest = text.split("|")
    if len(parts) != 5 or parts[0] != REFERENCE_VERSION:
        return None
    _version, partner_no, store_no, partner_order_no, order_no = parts
    ours = make_reference(partner_no, store_no, partner_order_no, order_no)
    is_ours = hmac.compare_digest(ours.encode(), text.encode("utf-8", "replace"))
    return (partner_no, store_no, partner_order_no, order_no) if is_ours else None
