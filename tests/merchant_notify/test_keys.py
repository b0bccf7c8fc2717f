"""The key that signs a notification."""

import hashlib
from datetime import timedelta

import pytest

from scanforpay_django import clock
from scanforpay_django.merchant_notify.delivery import drain
from tests.rows import SECRET, Rows
from tests.transport.zoo import Zoo

pytestmark = pytest.mark.django_db(transaction=True)


def test_without_a_valid_key_nothing_is_sent(rows: Rows, zoo: Zoo) -> None:
    store = rows.store(rows.partner(secret=""))
    rows.key(store.partner, "old", valid_until=clock.now() - timedelta(hours=1))
    notification = rows.notification(zoo.answering(b"success"), store)
    assert drain().failed == 1
    assert notification.attempts.get().reason == "no valid sign key"
    assert zoo.requests == []


def test_an_unreadable_key_is_a_failed_try(rows: Rows, zoo: Zoo) -> None:
    notification = rows.notification(zoo.answering(b"success"))
    notification.order.partner.sign_keys.update(secret_ciphertext="gAAAA")
    assert drain().failed == 1
    assert notification.attempts.get().reason == "the sign key cannot be decrypted"


def signed_with(body: bytes, key: str) -> bool:
    raw = body[len(b'{"response":') : body.rindex(b',"signature"')]
    return hashlib.sha256(raw + key.encode()).hexdigest().encode() in body


def test_the_newest_key_signs_while_none_was_used(rows: Rows, zoo: Zoo) -> None:
    store = rows.store()
    store.partner.sign_keys.update(valid_from=clock.now() - timedelta(days=1))
    rows.key(store.partner, "newest")
    rows.notification(zoo.answering(b"success"), store)
    drain()
    assert signed_with(zoo.bodies()[0], "newest")


def test_the_key_of_the_last_proven_request_signs(rows: Rows, zoo: Zoo) -> None:
    store = rows.store()
    store.partner.sign_keys.update(last_used_at=clock.now() - timedelta(minutes=5))
    rows.key(store.partner, "unused")
    rows.notification(zoo.answering(b"success"), store)
    drain()
    assert signed_with(zoo.bodies()[0], SECRET)
