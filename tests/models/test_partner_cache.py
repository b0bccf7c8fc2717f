"""What a process remembers of a partner ends in time."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from scanforpay_django import clock
from scanforpay_django.models import SignKey
from tests.merchant import Merchant, envelope, header, order_body
from tests.models.warm import statements, warm

__all__ = ["warm"]
pytestmark = pytest.mark.django_db(transaction=True)


def by_another_process(statement: str, *values: Any) -> None:
    """A change that nothing in this process hears of."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        assert cursor.rowcount


def test_an_ended_key_proves_nobody_at_once(warm: Merchant) -> None:
    key = SignKey.objects.get()
    key.valid_until = clock.now()
    key.save()
    answer = warm.post("/api/jspay/create", envelope(header(), order_body()))
    assert answer.json()["response"]["body"]["code"] == 8


def test_a_key_ends_when_its_time_comes(warm: Merchant) -> None:
    ends_at = clock.now() + timedelta(seconds=1)
    SignKey.objects.update(valid_until=ends_at)
    codes = {1}
    while codes == {1} and clock.now() < ends_at + timedelta(seconds=5):
        begun_at = clock.now()
        answer = warm.post("/api/jspay/create", envelope(header(), order_body()))
        codes = {answer.json()["response"]["body"]["code"]}
        assert begun_at < ends_at or codes == {8}
    assert codes == {8}
    assert clock.now() >= ends_at


def test_a_change_in_another_process_is_seen_within_a_second(warm: Merchant) -> None:
    by_another_process("UPDATE scanforpay_store SET is_active = %s", False)
    time.sleep(1)
    assert warm.create()["code"] == 3


def test_a_new_key_of_another_process_is_seen_at_once(warm: Merchant) -> None:
    key = SignKey(partner=warm.partner)
    key.set_secret("made elsewhere")
    with transaction.atomic():
        key.save()
    warm.create()
    by_another_process(
        "UPDATE scanforpay_signkey SET secret_ciphertext = (SELECT secret_ciphertext FROM scanforpay_signkey "
        "WHERE id = %s)",
        key.pk,
    )
    answer = warm.post("/api/jspay/create", envelope(header(), order_body(), "made elsewhere"))
    assert answer.json()["response"]["body"]["code"] == 1


def test_an_unknown_partner_and_a_wrong_signature_cost_the_same_look_ups(warm: Merchant) -> None:
    def refused(partner_no: str) -> None:
        raw = envelope(header(partnerNo=partner_no), order_body(), "wrong")
        assert warm.post("/api/jspay/create", raw).json()["response"]["body"]["code"] == 8

    def shape(told: list[str]) -> list[str]:
        return [statement.split("WHERE")[0] for statement in told]

    assert shape(statements(lambda: refused("10001"))) == shape(statements(lambda: refused("99999")))
