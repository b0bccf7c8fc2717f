"""Numbers that follow from what they are for."""

import re

import pytest
from cryptography.fernet import Fernet

from scanforpay_django.models import NumberKey
from scanforpay_django.models.derived_numbers import (
    derive_message_id,
    derive_out_refund_no,
    derive_out_trade_no,
    derive_own_refund_no,
    make_reference,
    read_reference,
)
from scanforpay_django.operations.rotation import rotate_encryption

pytestmark = pytest.mark.django_db

ORDER_NO = "20261128010203" + "0" * 18
LONGEST = ("1" * 15, "2" * 15, "p" * 32, ORDER_NO)


def numbers() -> list[str]:
    """One of each kind, and of each its neighbours."""
    return [
        *(derive_out_trade_no("10001", "p1", attempt) for attempt in (1, 2, 12)),
        derive_out_trade_no("10001", "p11", 2),
        derive_out_trade_no("100011", "p1", 2),
        *(derive_out_refund_no("10001", number, 1) for number in ("r1", "r11")),
        derive_out_refund_no("10001", "r1", 2),
        derive_out_refund_no("100011", "r1", 1),
        *(derive_own_refund_no(kind, "T1", ordinal) for kind in ("order", "late") for ordinal in (1, 2)),
    ]


def test_they_are_the_same_each_time_and_all_different() -> None:
    first = numbers()
    assert first == numbers()
    assert len(set(first)) == len(first)
    assert all(re.fullmatch(r"[0-9A-Za-z]{28}", number) for number in first)


def test_another_key_makes_other_numbers() -> None:
    first = numbers()
    NumberKey.objects.all().delete()
    assert not set(first) & set(numbers())


def test_the_key_stays_when_its_encryption_is_rotated(settings) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.SCANFORPAY_ENCRYPTION_KEYS = [old]
    first = numbers()
    stored = NumberKey.objects.get().ciphertext
    settings.SCANFORPAY_ENCRYPTION_KEYS = [new, old]
    assert rotate_encryption().rotated == 1
    assert NumberKey.objects.get().ciphertext != stored
    settings.SCANFORPAY_ENCRYPTION_KEYS = [new]
    assert numbers() == first


def test_a_messages_id_tells_orders_kinds_and_refunds_apart() -> None:
    ids = {
        derive_message_id(partner_no, order_no, kind, refund)
        for partner_no, order_no in (("1", "11"), ("11", "1"))
        for kind in ("paid", "refund")
        for refund in ("", "r1", "r2")
    }
    assert len(ids) == 12
    assert all(len(one) <= 40 and one.startswith("msg_") for one in ids)


def test_a_reference_fits_and_is_read_back() -> None:
    text = make_reference(*LONGEST)
    assert len(text.encode()) <= 128
    assert not set(text) & set(",'\"`\\&= ")
    assert read_reference(text) == LONGEST


@pytest.mark.parametrize(
    "forge",
    [
        lambda text: "",
        lambda text: "1|2|3",
        lambda text: text[:-1] + ("0" if text[-1] != "0" else "1"),
        lambda text: text.replace("p", "q", 1),
        lambda text: "2" + text[1:],
        lambda text: text + "|",
        lambda text: text.replace("1|", "1||", 1),
        lambda text: "茶" + text,
    ],
)
def test_what_we_did_not_write_is_not_read(forge) -> None:
    assert read_reference(forge(make_reference(*LONGEST))) is None
