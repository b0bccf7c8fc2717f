"""What a till's code is called, and what is unique."""

import pytest
from django.db import IntegrityError

from scanforpay_django.models import CounterCode
from scanforpay_django.models.database import atomic
from tests.rows import Rows

pytestmark = pytest.mark.django_db


def test_a_number_is_unique_in_its_store(rows: Rows) -> None:
    store = rows.store()
    code = CounterCode.objects.create(store=store, number="till-1")
    CounterCode.objects.create(store=rows.store(), number="till-1")
    with pytest.raises(IntegrityError), atomic():
        CounterCode.objects.create(store=store, number="till-1")
    assert str(code) == f"till-1 ({store})"
    assert (code.paid_in, CounterCode(store=store, currency="HKD").paid_in) == ("CNY", "HKD")


def test_codes_are_hard_to_guess(rows: Rows) -> None:
    store = rows.store()
    tokens = {CounterCode.objects.create(store=store, number=f"t{number}").token for number in range(20)}
    assert len(tokens) == 20
    assert {len(token) for token in tokens} == {22}
